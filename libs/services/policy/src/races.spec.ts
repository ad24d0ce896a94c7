import type {
  AppendResult,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from '@countersign/event-store';
import type { MemoryEventStore } from '@countersign/event-store-memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deciderByToken } from './decisions/decider.ts';
import { agent, BULK_EXPORT, person, PolicyWorld, TERMINAL, type Replica } from './spec-helpers.ts';

const DEADLINE_MS = 15 * 60_000;

/** Each access to the store happens when the scheduler says so. */
class ScheduledStore implements EventStore {
  readonly #store: MemoryEventStore;
  readonly #scheduler: fc.Scheduler;

  constructor(store: MemoryEventStore, scheduler: fc.Scheduler) {
    this.#store = store;
    this.#scheduler = scheduler;
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    await this.#scheduler.schedule(Promise.resolve(), `append ${stream}`);
    return this.#store.append(stream, expectedRevision, events);
  }

  async readStream(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]> {
    await this.#scheduler.schedule(Promise.resolve(), `read ${stream}`);
    return this.#store.readStream(stream, options);
  }

  subscribe(options: Parameters<EventStore['subscribe']>[0], subscriber: Subscriber): Subscription {
    return this.#store.subscribe(options, subscriber);
  }
}

type Move = 'alice approves' | 'bob approves' | 'bob denies' | 'cancel' | 'keep time' | 'deadline';

const move = (
  world: PolicyWorld,
  replica: Replica,
  id: string,
  digest: string,
): Record<Move, () => Promise<unknown>> => {
  const decide = (by: string, decision: 'approve' | 'deny') =>
    replica.recordDecision.record(
      { requestId: id, decision, reason: 'seen', digest },
      deciderByToken(person(by)),
    );
  return {
    'alice approves': () => decide('alice', 'approve'),
    'bob approves': () => decide('bob', 'approve'),
    'bob denies': () => decide('bob', 'deny'),
    cancel: () => replica.cancelReview.cancel(id, agent('etl-bot')),
    'keep time': () => replica.ensureReview.ensure(id),
    deadline: () => {
      world.clock.advance(DEADLINE_MS);
      return replica.ensureReview.ensure(id);
    },
  };
};

const MOVES: readonly Move[] = [
  'alice approves',
  'bob approves',
  'bob denies',
  'cancel',
  'keep time',
  'deadline',
];

/** What may be answered to who lost: never a success that the record doesn't hold. */
const LOST = ['review_closed', 'already_decided', 'too_much_contention'];

describe('two replicas of the policy service', () => {
  it('end a review exactly once, whatever they do in whatever order', async () => {
    const world = await PolicyWorld.with();
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(fc.constantFrom(...MOVES), fc.nat({ max: 1 })), { minLength: 2, maxLength: 6 }),
        async (scheduler, script) => {
          const id = await world.submit(BULK_EXPORT);
          const digest = await world.digestOf(id);
          const store = new ScheduledStore(world.store, scheduler);
          const replicas = [world.replica(store), world.replica(store)];
          const running = Promise.allSettled(
            script.map(([name, at]) => move(world, replicas[at] ?? world.replica(store), id, digest)[name]()),
          );
          await scheduler.waitFor(running);
          const results = await running;

          const types = await world.reviewTypes(id);
          const ends = types.filter((type) => TERMINAL.includes(type));
          expect(ends.length).toBeLessThanOrEqual(1);
          expect(types.filter((type) => type === 'PolicyEvaluated')).toHaveLength(1);
          if (ends.length === 1) expect(types.at(-1)).toBe(ends[0]);
          for (const result of results) {
            if (result.status === 'rejected')
              expect(LOST).toContain((result.reason as { code: string }).code);
          }
          const persons = (await world.review(id))
            .filter(({ type }) => type === 'DecisionRecorded')
            .map(({ data }) => data['approver']);
          expect(new Set(persons).size).toBe(persons.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});

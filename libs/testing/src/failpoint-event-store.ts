import { EventStoreError } from '@countersign/event-store';
import type {
  AppendResult,
  Category,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from '@countersign/event-store';
import { failWith, killProcess, type FailpointAction, type Failpoints } from './failpoints.ts';
import { FAILPOINT_NAMES } from './failpoint-table.ts';

/** An EventStore with the failpoints of failpoint-table.ts. */
export class FailpointEventStore implements EventStore {
  readonly #store: EventStore;
  readonly #failpoints: Failpoints;

  constructor(store: EventStore, failpoints: Failpoints) {
    this.#store = store;
    this.#failpoints = failpoints;
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    const subject = [stream, ...events.map(({ type }) => type)].join(' ');
    await this.#failpoints.reach('before-append', subject);
    const result = await this.#store.append(stream, expectedRevision, events);
    await this.#failpoints.reach('after-append', subject);
    return result;
  }

  async readStream(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]> {
    await this.#failpoints.reach('before-read', stream);
    return this.#store.readStream(stream, options);
  }

  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    const places = options.categories.join('+');
    const onEvents: Subscriber['onEvents'] = async (events, position) => {
      if (events.length === 0) return subscriber.onEvents(events, position);
      await this.#failpoints.reach('before-apply', places);
      await subscriber.onEvents(events, position);
      await this.#failpoints.reach('after-apply', places);
    };
    return this.#store.subscribe(options, { onEvents, onCaughtUp: () => subscriber.onCaughtUp?.() });
  }
}

/** At `after-append`: the events stand, the answer is lost. */
export const loseAnswer: FailpointAction = failWith(
  new EventStoreError('append_uncertain', 'The answer was lost (failpoint).'),
);

/** At `before-append`: nothing stands, and the store says so. */
export const refuseAppend: FailpointAction = failWith(
  new EventStoreError('store_unavailable', 'The store is away (failpoint).'),
);

const ACTIONS: Readonly<Record<string, FailpointAction>> = {
  kill: killProcess,
  'lose-answer': loseAnswer,
  refuse: refuseAppend,
};

/** Arms from text, for processes that a test starts: `after-append:ReviewApproved:kill`, several by commas. */
export const armFailpoints = (failpoints: Failpoints, text: string): void => {
  for (const each of text.split(',').filter((part) => part !== '')) {
    const [place = '', type = '', act = ''] = each.split(':');
    const name = FAILPOINT_NAMES.find((known) => known === place);
    const action = ACTIONS[act];
    if (name === undefined || action === undefined)
      throw new Error(`"${each}" is no failpoint; write it like after-append:Type:kill.`);
    failpoints.arm(name, action, { when: (subject) => subject.split(' ').includes(type) });
  }
};

import { deepFreeze, toEpochMs, toTimestamp, type Clock } from '@countersign/kernel';
import {
  EventStoreError,
  firstRevision,
  Growth,
  LogSubscription,
  settleConflict,
  validateAppend,
} from '@countersign/event-store';
import type {
  AppendResult,
  Category,
  Conflict,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  LogBatch,
  LogEnd,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from '@countersign/event-store';

interface Stored {
  readonly text: string;
  readonly event: RecordedEvent;
}

const BATCH = 1_000;

/**
 * The log in memory, for tests and interleavings: the same promises but durability. It is deterministic:
 * an append takes effect in the call, and time comes from the clock alone.
 */
export class MemoryEventStore implements EventStore, LogEnd {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #log: Stored[] = [];
  readonly #streams = new Map<string, Stored[]>();
  readonly #growth = new Growth();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** As the port says; nothing survives the process. */
  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    const texts = validateAppend(stream, expectedRevision, events);
    const stored = this.#streams.get(stream) ?? [];
    const first = firstRevision(expectedRevision);
    if (stored.length !== first) {
      const incoming = events.map(({ id }, index) => ({ id, text: texts[index] ?? '' }));
      return settleConflict(conflictOf(stream, expectedRevision, incoming, stored));
    }
    const committedAt = this.#commitTime();
    for (const text of texts) {
      const place = { stream, revision: stored.length, position: String(this.#log.length + 1), committedAt };
      // Readers share the events: who changes one must hear of it.
      const entry = { text, event: deepFreeze({ ...(JSON.parse(text) as EventEnvelope), ...place }) };
      stored.push(entry);
      this.#log.push(entry);
    }
    this.#streams.set(stream, stored);
    this.#growth.announce();
    return resultOf(this.#log.at(-1));
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
    const events = (this.#streams.get(stream) ?? []).map(({ event }) => event);
    const { direction = 'forwards', from, limit } = options;
    const wanted =
      direction === 'forwards'
        ? events.slice(from ?? 0)
        : events.slice(0, from === undefined ? undefined : from + 1).toReversed();
    return wanted.slice(0, limit);
  }

  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    const source = {
      readAfter: (position: Position | undefined) => this.#readAfter(position),
      grownBeyond: (position: Position | undefined, signal: AbortSignal) =>
        Number(position ?? 0) < this.#log.length ? Promise.resolve() : this.#growth.next(signal),
    };
    return new LogSubscription({ source, from: options.from, categories: options.categories, subscriber });
  }

  async head(): Promise<Position | undefined> {
    return this.#log.at(-1)?.event.position;
  }

  #readAfter(position: Position | undefined): LogBatch | undefined {
    const after = position === undefined ? 0 : Number(position);
    if (String(after) !== (position ?? '0') || !(after >= 0) || after > this.#log.length) {
      throw new EventStoreError('unknown_position', `${position} is no position of this log; start over.`, {
        field: 'from',
      });
    }
    const batch = this.#log.slice(after, after + BATCH);
    const last = batch.at(-1);
    if (last === undefined) return undefined;
    const entries = batch.map(({ event }) => ({ stream: event.stream, event: () => event }));
    return { entries, position: last.event.position };
  }

  #commitTime(): string {
    const last = this.#log.at(-1);
    const lastMs = last === undefined ? 0 : toEpochMs(last.event.committedAt);
    return toTimestamp(Math.max(lastMs, this.#clock.nowMs()));
  }
}

const resultOf = (stored: Stored | undefined): AppendResult => {
  if (stored === undefined) throw new EventStoreError('store_corrupt', 'An append left no event.');
  const { revision, position, committedAt } = stored.event;
  return { revision, position, committedAt };
};

const conflictOf = (
  stream: string,
  expectedRevision: ExpectedRevision,
  incoming: Conflict['incoming'],
  stored: readonly Stored[],
): Conflict => {
  const first = firstRevision(expectedRevision);
  const met = stored.slice(first, first + incoming.length);
  return {
    stream,
    expectedRevision,
    incoming,
    head: stored.length - 1,
    stored: met.map((entry) => ({ text: entry.text, result: resultOf(entry) })),
  };
};

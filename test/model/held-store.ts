import {
  EventStoreError,
  parseStreamName,
  type AppendResult,
  type Category,
  type EventEnvelope,
  type EventStore,
  type ExpectedRevision,
  type Position,
  type ReadOptions,
  type RecordedEvent,
  type Subscriber,
  type Subscription,
} from '@countersign/event-store';

export const HELD = Symbol('an append is held');

/** One replica's way to the store: each append to a review or grant waits until the schedule lets it go. */
export class HeldStore implements EventStore {
  readonly #store: EventStore;
  #reached = Promise.withResolvers<typeof HELD>();
  #release: ((answered: boolean) => void) | undefined;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Resolves when an append is held. */
  get reached(): Promise<typeof HELD> {
    return this.#reached.promise;
  }

  /** Lets go what is held. Unanswered, it stands or it doesn't, and the writer has to find out. */
  release({ answered }: { readonly answered: boolean }): void {
    this.#reached = Promise.withResolvers();
    this.#release?.(answered);
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    const { category } = parseStreamName(stream);
    if (category !== 'review' && category !== 'grant')
      return this.#store.append(stream, expectedRevision, events);
    const released = Promise.withResolvers<boolean>();
    this.#release = released.resolve;
    this.#reached.resolve(HELD);
    const answered = await released.promise;
    const result = await this.#store.append(stream, expectedRevision, events);
    if (answered) return result;
    throw new EventStoreError('append_uncertain', 'The answer was lost.');
  }

  readStream(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]> {
    return this.#store.readStream(stream, options);
  }

  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    return this.#store.subscribe(options, subscriber);
  }
}

import { EventStoreError, WRITER_OF } from '@countersign/event-store';
import type { Category, EventStore, LogEnd, RecordedEvent } from '@countersign/event-store';

/** A log that can be read whole, although others may write on. */
export type WholeLog = EventStore & LogEnd;

const ALL_CATEGORIES = Object.keys(WRITER_OF) as readonly Category[];

/** A batch that a subscription waits to have taken. */
interface Offer {
  readonly events: readonly RecordedEvent[];
  taken(): void;
}

/**
 * The log of all categories in its order, from its first event to the one that was its last when the reading
 * began. The next batch is read when this one was taken, so a log of any length takes the same memory.
 */
export async function* readLog(store: WholeLog): AsyncGenerator<readonly RecordedEvent[], void, void> {
  const head = await store.head();
  if (head === undefined) return;
  const offers = new Handover();
  const onEvents = (events: readonly RecordedEvent[]): Promise<void> => offers.offer(events);
  const subscription = store.subscribe({ categories: ALL_CATEGORIES }, { onEvents });
  subscription.ended.then(
    () => offers.fail(new EventStoreError('store_closed', 'The event store was closed while it was read.')),
    (error: unknown) => offers.fail(error),
  );
  try {
    for (let ended = false; !ended;) {
      const { events, taken } = await offers.next();
      const last = events.findIndex(({ position }) => position === head);
      ended = last >= 0;
      yield ended ? events.slice(0, last + 1) : events;
      taken();
    }
  } finally {
    offers.close();
    await subscription.close();
  }
}

/** One batch at a time from a subscription to a reader that pulls. */
class Handover {
  #waiting = Promise.withResolvers<Offer>();
  readonly #closed = Promise.withResolvers<void>();

  constructor() {
    // Who fails between two reads is met by the next one.
    this.#waiting.promise.catch(() => undefined);
  }

  async offer(events: readonly RecordedEvent[]): Promise<void> {
    const { promise, resolve: taken } = Promise.withResolvers<void>();
    this.#waiting.resolve({ events, taken });
    await Promise.race([promise, this.#closed.promise]);
  }

  async next(): Promise<Offer> {
    const offer = await this.#waiting.promise;
    this.#waiting = Promise.withResolvers();
    this.#waiting.promise.catch(() => undefined);
    return offer;
  }

  fail(error: unknown): void {
    this.#waiting.reject(error instanceof Error ? error : new Error(String(error)));
  }

  close(): void {
    this.#closed.resolve();
  }
}

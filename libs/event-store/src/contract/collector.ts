import type { Category } from '../categories.ts';
import type { EventStore, Position, RecordedEvent, Subscriber, Subscription } from '../event-store.ts';

/** A subscriber that keeps what it hears and can be waited for. */
export class Collector implements Subscriber {
  readonly events: RecordedEvent[] = [];
  readonly log: string[] = [];
  position: Position | undefined;
  readonly caughtUp: Promise<void>;
  readonly #markCaughtUp: () => void;
  #waiting: (() => void)[] = [];

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.caughtUp = promise;
    this.#markCaughtUp = resolve;
  }

  onEvents(events: readonly RecordedEvent[], position: Position): void {
    this.events.push(...events);
    this.log.push(...events.map(({ stream, revision }) => `${stream}@${revision}`));
    this.position = position;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  onCaughtUp(): void {
    this.log.push('caughtUp');
    this.#markCaughtUp();
  }

  /** Resolves when `holds` does, looked at after each batch. */
  async until(holds: (collector: this) => boolean): Promise<void> {
    while (!holds(this)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }
}

/** Subscribes a fresh collector. */
export const collect = (
  store: EventStore,
  categories: readonly Category[],
  from?: Position,
): Collector & { readonly subscription: Subscription } => {
  const collector = new Collector();
  return Object.assign(collector, { subscription: store.subscribe({ from, categories }, collector) });
};

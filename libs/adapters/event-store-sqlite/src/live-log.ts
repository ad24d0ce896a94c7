import { EventStoreError, Growth, LogSubscription } from '@countersign/event-store';
import type {
  Category,
  LogBatch,
  LogSource,
  Position,
  Subscriber,
  Subscription,
} from '@countersign/event-store';
import type { RecentLog } from './recent-log.ts';

interface Shared {
  readonly after: number;
  readonly head: number;
  readonly batch: LogBatch | undefined;
}

/** The log as subscriptions pull it. Subscribers that stand at the same place share one read and one parse. */
export class LiveLog implements LogSource {
  readonly #log: RecentLog;
  readonly #growth = new Growth();
  readonly #subscriptions = new Set<Subscription>();
  #shared: Shared | undefined;

  constructor(log: RecentLog) {
    this.#log = log;
  }

  /** Tells of a commit. */
  announce(): void {
    this.#growth.announce();
  }

  subscribe(
    from: Position | undefined,
    categories: readonly Category[],
    subscriber: Subscriber,
  ): Subscription {
    const subscription = new LogSubscription({ source: this, from, categories, subscriber });
    this.#subscriptions.add(subscription);
    const forget = (): boolean => this.#subscriptions.delete(subscription);
    subscription.ended.then(forget, forget);
    return subscription;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
  }

  readAfter(position: Position | undefined): LogBatch | undefined {
    const after = this.#toNumber(position);
    const { head } = this.#log;
    if (this.#shared?.after !== after || this.#shared.head !== head) {
      this.#shared = { after, head, batch: this.#log.readAfter(after) };
    }
    return this.#shared.batch;
  }

  grownBeyond(position: Position | undefined, signal: AbortSignal): Promise<void> {
    return this.#toNumber(position) < this.#log.head ? Promise.resolve() : this.#growth.next(signal);
  }

  #toNumber(position: Position | undefined): number {
    if (position === undefined) return 0;
    const after = Number(position);
    if (/^(0|[1-9]\d{0,15})$/.test(position) && after <= this.#log.head) return after;
    throw new EventStoreError('unknown_position', `"${position}" is no position of this log; start over.`, {
      field: 'from',
    });
  }
}

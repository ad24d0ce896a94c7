import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseStreamName, type Category } from './categories.ts';
import type { Position, RecordedEvent, Subscriber, Subscription } from './event-store.ts';

/** A stretch of the log, as {@link LogSubscription} pulls it. */
export interface LogBatch {
  /** Streams of the stretch in log order, each with a way to its event: what nobody wants isn't parsed. */
  readonly entries: readonly LogEntry[];
  readonly position: Position;
}

export interface LogEntry {
  readonly stream: string;
  event(): RecordedEvent;
}

/** What a store that can be read by position gives. Both are called again and again until the subscription ends. */
export interface LogSource {
  /**
   * The next stretch after `position` (undefined: the log's start), or undefined at the head. At `signal` it
   * may answer whatever it has: nothing of it is used.
   */
  readAfter(
    position: Position | undefined,
    signal: AbortSignal,
  ): LogBatch | undefined | Promise<LogBatch | undefined>;
  /**
   * Resolves once the log has grown beyond `position`, at once where it did since the last read already, or at
   * `signal`.
   */
  grownBeyond(position: Position | undefined, signal: AbortSignal): Promise<void>;
}

export interface LogSubscriptionOptions {
  readonly source: LogSource;
  readonly from: Position | undefined;
  readonly categories: readonly Category[];
  readonly subscriber: Subscriber;
}

/**
 * A subscription that pulls: it reads on from its own position and only waits at the head, so there is no
 * seam between history and live where an event could be lost or doubled. All adapters share it.
 */
export class LogSubscription implements Subscription {
  readonly ended: Promise<void>;
  readonly #options: LogSubscriptionOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #closing = new AbortController();
  #caughtUp = false;

  constructor(options: LogSubscriptionOptions) {
    this.#options = options;
    this.#wanted = new Set(options.categories);
    this.ended = this.#run();
    // Who doesn't wait for `ended` must not bring the process down by it.
    this.ended.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { source, subscriber } = this.#options;
    const { signal } = this.#closing;
    let position = this.#options.from;
    // A subscriber never hears anything before it holds the subscription.
    await nextTurn();
    while (!signal.aborted) {
      const batch = await source.readAfter(position, signal);
      if (signal.aborted) return;
      if (batch === undefined) {
        this.#tellCaughtUp();
        await source.grownBeyond(position, signal);
        continue;
      }
      await subscriber.onEvents(this.#wantedOf(batch), batch.position);
      position = batch.position;
      // Reading may be synchronous: history must not starve the requests of the same process.
      if (!this.#caughtUp) await nextTurn();
    }
  }

  #wantedOf(batch: LogBatch): readonly RecordedEvent[] {
    return batch.entries
      .filter(({ stream }) => this.#wanted.has(parseStreamName(stream).category))
      .map((entry) => entry.event());
  }

  #tellCaughtUp(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#options.subscriber.onCaughtUp?.();
  }
}

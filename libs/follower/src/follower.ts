import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, hasCode, type Timestamp } from '@countersign/kernel';
import { upcast } from '@countersign/event-store';
import type { EventStore, Position, RecordedEvent, Subscription } from '@countersign/event-store';
import { checkpointAt, isOfThisLog, loadCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Projection } from './projection.ts';
import { StreamOrder } from './stream-order.ts';
import type { View } from './view.ts';

/**
 * - `idle`: not started.
 * - `catching_up`: history is being applied, after a start or after the store was away.
 * - `live`: every event is applied as it comes.
 * - `stopped`: by `stop`.
 * - `failed`: the projection can't go on; the view stands at its last good checkpoint.
 */
export type FollowerState = 'idle' | 'catching_up' | 'live' | 'stopped' | 'failed';

export interface FollowerStatus {
  readonly state: FollowerState;
  readonly position: Position | undefined;
  /** Events applied since the start. */
  readonly applied: number;
  /** Time of commit of the newest event that was applied since the start. */
  readonly lastCommittedAt: Timestamp | undefined;
  readonly failure: unknown;
}

export interface FollowerOptions {
  readonly store: EventStore;
  readonly projection: Projection;
  readonly view: View;
  /** After the commit of a batch. It must not throw. */
  readonly onApplied?: (events: readonly RecordedEvent[]) => void;
  /**
   * Milliseconds of rest after each live batch, 25 unless told: what comes meanwhile is applied in one
   * transaction, so that the cost of following doesn't grow with the load. An event after a rest is applied at once.
   */
  readonly livePauseMs?: number;
  /** Each trouble, also one that is retried; `status().state` says whether it was the end. */
  readonly onProblem?: (error: unknown) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

const LIVE_PAUSE_MS = 25;

/**
 * Follows categories of the log into a view. Rows and checkpoint are committed together, so a crash anywhere
 * repeats nothing and skips nothing; doubled, late and lost deliveries are settled by the streams' revisions.
 */
export class Follower {
  /** Resolves when history is applied for the first time; rejects where the follower fails or is stopped before. */
  readonly caughtUp: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #order: StreamOrder;
  readonly #types: ReadonlySet<string>;
  readonly #stopping = new AbortController();
  readonly #caughtUp = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #subscription: Subscription | undefined;
  #checkpoint: Checkpoint | undefined;
  #state: FollowerState = 'idle';
  #applied = 0;
  #lastCommittedAt: Timestamp | undefined;
  #failure: unknown;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#order = new StreamOrder(options.store, options.view);
    this.#types = new Set(options.projection.types);
    this.caughtUp = this.#caughtUp.promise;
    this.caughtUp.catch(() => undefined);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the batch in hand is applied. The view stays open. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription?.close();
    await this.#running;
  }

  status(): FollowerStatus {
    return {
      state: this.#state,
      position: this.#checkpoint?.position,
      applied: this.#applied,
      lastCommittedAt: this.#lastCommittedAt,
      failure: this.#failure,
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted && this.#state !== 'failed') {
      try {
        await this.#follow();
      } catch (error) {
        this.#options.onProblem?.(error);
        await this.#recover(error);
      }
    }
    if (this.#state !== 'failed') this.#state = 'stopped';
    this.#caughtUp.reject(
      new CodedError('follower_stopped', 'The follower was stopped before it caught up.'),
    );
  }

  async #follow(): Promise<void> {
    const { store, projection, view } = this.#options;
    this.#state = 'catching_up';
    this.#checkpoint = loadCheckpoint(view);
    if (this.#checkpoint !== undefined && !(await isOfThisLog(store, this.#checkpoint))) this.#startOver();
    if (this.#stopping.signal.aborted) return;
    this.#subscription = store.subscribe(
      { from: this.#checkpoint?.position, categories: projection.categories },
      {
        onEvents: async (events, position) => {
          await this.#onEvents(events, position);
          if (this.#state === 'live') await this.#pause(this.#options.livePauseMs ?? LIVE_PAUSE_MS);
        },
        onCaughtUp: () => this.#onCaughtUp(),
      },
    );
    await this.#subscription.ended;
    // A store that ends subscriptions by itself is closing.
    this.#stopping.abort();
  }

  async #recover(trouble: unknown): Promise<void> {
    if (hasCode(trouble, 'unknown_position')) return this.#startOver();
    if (!hasCode(trouble, 'store_unavailable') && !hasCode(trouble, 'view_unavailable')) {
      return this.#fail(trouble);
    }
    await this.#pause(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** Ends with a stop. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  #startOver(): void {
    this.#options.view.reset();
    this.#order.forget();
    this.#checkpoint = undefined;
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    this.#failure = error;
    this.#caughtUp.reject(error);
  }

  #onCaughtUp(): void {
    this.#options.view.settle();
    this.#state = 'live';
    this.#retryMs = FIRST_RETRY_MS;
    this.#caughtUp.resolve();
  }

  async #onEvents(events: readonly RecordedEvent[], position: Position): Promise<void> {
    const arranged = await this.#order.arrange(events);
    const stop = this.#stopsAt(arranged);
    const unknown = arranged[stop];
    if (unknown === undefined) return this.#commit(arranged, position);
    const last = arranged[stop - 1];
    if (last !== undefined) this.#commit(arranged.slice(0, stop), last.position);
    throw new CodedError(
      'unknown_event_type',
      `${this.#options.projection.name} doesn't know ${unknown.type} (${unknown.stream}@${unknown.revision}); run a newer build.`,
      { field: unknown.stream },
    );
  }

  #stopsAt(events: readonly RecordedEvent[]): number {
    if (this.#options.projection.unknownTypes === 'ignore') return events.length;
    const stop = events.findIndex(({ type }) => !this.#types.has(type));
    return stop < 0 ? events.length : stop;
  }

  #commit(events: readonly RecordedEvent[], position: Position): void {
    const { view, projection, onApplied } = this.#options;
    const last = events.at(-1);
    const checkpoint = checkpointAt(position, last, this.#checkpoint);
    view.transaction(() => {
      for (const event of events) {
        if (this.#types.has(event.type)) projection.apply(view, upcast(projection.upcasts ?? {}, event));
      }
      this.#order.advance(events);
      saveCheckpoint(view, checkpoint);
    });
    this.#order.remember(events);
    this.#checkpoint = checkpoint;
    this.#applied += events.length;
    this.#lastCommittedAt = last?.committedAt ?? this.#lastCommittedAt;
    if (events.length > 0) onApplied?.(events);
  }
}

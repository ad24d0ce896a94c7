import type { Timestamp } from '@countersign/kernel';
import type { Category } from './categories.ts';
import type { EventEnvelope } from './envelope.ts';

/** The stream must not exist, or its last event must stand at this revision (0-based). `any` is not offered. */
export type ExpectedRevision = 'no-stream' | number;

/** A place in the whole log. Opaque: only the store that gave it can read it; compare for equality only. */
export type Position = string;

export interface RecordedEvent extends EventEnvelope {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  /**
   * The store's time of commit. It never goes back along the log of one machine; where a cluster's leader
   * changes it is the new leader's clock. Services' clocks only move forward on it.
   */
  readonly committedAt: Timestamp;
}

export interface AppendResult {
  /** Revision of the last event of this append. */
  readonly revision: number;
  readonly position: Position;
  readonly committedAt: Timestamp;
}

export interface ReadOptions {
  /** First revision wanted; absent: the stream's first (forwards) or last (backwards). */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

export interface Subscriber {
  /**
   * Events of the wanted categories in log order, each once, and the position up to which the log has
   * now been seen. The batch is empty where only other categories moved, so that checkpoints advance.
   * The next batch waits until the promise settles; a rejection ends the subscription with that error.
   */
  onEvents(events: readonly RecordedEvent[], position: Position): void | Promise<void>;
  /** Once, when history is through and live events follow. */
  onCaughtUp?(): void;
}

export interface Subscription {
  /** Resolves when closed by `close`; rejects with the error that ended it otherwise. */
  readonly ended: Promise<void>;
  /** Stops after the batch in hand. */
  close(): Promise<void>;
}

/** A log that tells where it ends, for whoever reads all of it while others write on. */
export interface LogEnd {
  /** Position of the last event at this moment, as subscribers are told it; undefined for an empty log. */
  head(): Promise<Position | undefined>;
}

/**
 * The log. Streams of events in order of revision, and one order over all by position.
 *
 * Errors are `EventStoreError`s; their codes stand in event-store-error.ts.
 */
export interface EventStore {
  /**
   * Appends all events or none.
   * - Crash: once the promise resolved, the events survive SIGKILL and loss of power.
   * - Conflict: `wrong_expected_revision` where the stream stands elsewhere; reload and decide again.
   * - Duplicate: the same events (ids and bytes) at the same expected revision again is the first
   *   answer again, appended once; a known id there with other bytes is `event_id_conflict`.
   * - `append_uncertain`: no answer came in time; the events may or may not stand. Retry with the same
   *   ids, or read the stream; never report success.
   * - `store_full`, `store_unavailable`: nothing of this append is durable.
   */
  append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult>;

  /** The committed events of one stream; an absent stream is empty. */
  readStream(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;

  /** History after `from` (absent: from the first event), then `caughtUp`, then live; no gap, no double. */
  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription;
}

import { performance } from 'node:perf_hooks';
import { toEpochMs, type Clock, type Timestamp } from './time.ts';

/**
 * The clock of a running process: the machine's time at start, carried on by the monotonic clock, so
 * that a stepped system clock neither reopens an expired deadline nor closes one early.
 */
export class SystemClock implements Clock {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #anchorMs: number;
  /** Ahead of the store, when it last committed something that was asked of it here. */
  #aheadMs = 0;

  constructor(wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#anchorMs = wallMs() - monotonicMs();
  }

  nowMs(): number {
    return Math.floor(this.#anchorMs + this.#monotonicMs());
  }

  observe(committedAt: Timestamp, askedAtMs?: number): void {
    const committedMs = toEpochMs(committedAt);
    if (askedAtMs !== undefined) this.#aheadMs = Math.max(0, askedAtMs - committedMs);
    const behindMs = committedMs - this.nowMs();
    if (behindMs > 0) this.#anchorMs += behindMs;
  }

  skewMs(): number {
    return Math.max(this.#aheadMs, Math.abs(this.#wallMs() - this.nowMs()));
  }
}

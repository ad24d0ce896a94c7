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

  constructor(wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#anchorMs = wallMs() - monotonicMs();
  }

  nowMs(): number {
    return Math.floor(this.#anchorMs + this.#monotonicMs());
  }

  observe(committedAt: Timestamp): void {
    const aheadMs = toEpochMs(committedAt) - this.nowMs();
    if (aheadMs > 0) this.#anchorMs += aheadMs;
  }

  skewMs(): number {
    return Math.abs(this.#wallMs() - this.nowMs());
  }
}

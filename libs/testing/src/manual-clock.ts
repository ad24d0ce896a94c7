import { toEpochMs, toTimestamp, type Clock, type Timestamp } from '@countersign/kernel';

/** Stands still until it is moved. Like a service's clock it follows committed times, and never goes back. */
export class ManualClock implements Clock {
  #nowMs: number;
  #skewMs = 0;

  constructor(now: Timestamp = '2026-11-20T10:00:00.000Z') {
    this.#nowMs = toEpochMs(now);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  now(): Timestamp {
    return toTimestamp(this.#nowMs);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** What `skewMs` tells from now on. */
  skewBy(ms: number): void {
    this.#skewMs = ms;
  }

  observe(committedAt: Timestamp): void {
    this.#nowMs = Math.max(this.#nowMs, toEpochMs(committedAt));
  }

  skewMs(): number {
    return this.#skewMs;
  }
}

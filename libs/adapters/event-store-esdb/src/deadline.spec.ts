import { afterEach, describe, expect, it, vi } from 'vitest';
import { grpcDeadline, monotonicMs } from './deadline.ts';

const HOUR_MS = 3_600_000;

afterEach(() => void vi.restoreAllMocks());

const stepTheClock = (byMs: number): void => {
  const steppedMs = Date.now() + byMs;
  vi.spyOn(Date, 'now').mockReturnValue(steppedMs);
};

describe('a deadline', () => {
  it.each([HOUR_MS, -HOUR_MS])('leaves a call its time where the clock is stepped by %i ms', (byMs) => {
    const deadline = monotonicMs() + 60_000;
    stepTheClock(byMs);
    const leftMs = grpcDeadline(deadline) - Date.now();
    expect(leftMs).toBeLessThanOrEqual(60_000);
    expect(leftMs).toBeGreaterThan(0);
  });

  it('is none for what goes on without end', () => {
    expect(grpcDeadline(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

import { describe, expect, it } from 'vitest';
import { backOffMs, notBeforeMs, retryAfterMs } from './back-off.ts';

describe('back-off', () => {
  it('doubles up to five seconds, with full jitter', () => {
    expect([1, 2, 3, 9].map((attempt) => backOffMs(attempt, () => 1))).toEqual([200, 400, 800, 5_000]);
    expect(backOffMs(9, () => 0)).toBe(0);
  });

  it('comes back no sooner than it was asked to, and a quarter later at the most', () => {
    expect([0, 1].map((random) => notBeforeMs(4_000, () => random))).toEqual([4_000, 5_000]);
  });

  it.each([
    ['7', 7_000],
    ['Fri, 20 Nov 2026 10:00:05 GMT', 5_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('reads Retry-After %s as %s ms', (header, ms) => {
    expect(retryAfterMs(header, Date.parse('2026-11-20T10:00:00.000Z'))).toBe(ms);
  });
});

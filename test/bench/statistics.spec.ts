import { describe, expect, it } from 'vitest';
import { spread, summarize } from './statistics.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

describe('summarize', () => {
  it('takes nearest ranks, whatever the order', () => {
    expect(summarize(upTo(200))).toEqual({ count: 200, p50: 100, p99: 198 });
    expect(summarize([7])).toEqual({ count: 1, p50: 7, p99: 7 });
  });

  it('says of nothing that it is nothing', () => {
    expect(summarize([])).toEqual({ count: 0, p50: Number.NaN, p99: Number.NaN });
  });
});

describe('spread', () => {
  it('is the middle half as a share of the median', () => {
    expect(spread(upTo(100))).toBe(1);
    expect(spread([5, 5, 5])).toBe(0);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

let nowMs: number;
let buckets: TokenBuckets;

beforeEach(() => {
  nowMs = 0;
  buckets = new TokenBuckets({ perSecond: 10, burst: 3, nowMs: () => nowMs });
});

const take = (times: number, holder = 'a'): number[] =>
  Array.from({ length: times }, () => buckets.take(holder));

describe('token buckets', () => {
  it('give a burst, then say when the next token is there', () => {
    expect(take(4)).toEqual([0, 0, 0, 100]);
    nowMs = 60;
    expect(take(1)).toEqual([40]);
    nowMs = 100;
    expect(take(2)).toEqual([0, 100]);
  });

  it('hold no more than a burst, however long nobody takes', () => {
    nowMs = 3_600_000;
    expect(take(4)).toEqual([0, 0, 0, 100]);
    nowMs += 3_600_000;
    expect(take(4)).toEqual([0, 0, 0, 100]);
  });

  it('are one for each holder', () => {
    take(4);
    expect(take(1, 'b')).toEqual([0]);
  });
});

import { describe, expect, it } from 'vitest';
import { LatestNames } from './latest-names.ts';

describe('the latest names', () => {
  it('are each added once', () => {
    const names = new LatestNames();
    expect([names.add('a'), names.add('a'), names.add('b')]).toEqual([true, false, true]);
  });

  it('are no more than so many, and the oldest goes first', () => {
    const names = new LatestNames(2);
    for (const name of ['a', 'b', 'c']) names.add(name);
    expect([names.add('c'), names.add('b'), names.add('a')]).toEqual([false, false, true]);
  });

  it('can be forgotten', () => {
    const names = new LatestNames();
    names.add('a');
    names.forget('a');
    expect(names.add('a')).toBe(true);
  });
});

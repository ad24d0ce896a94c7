import { describe, expect, it } from 'vitest';
import { mayTakeAnother } from './shares.ts';

const PLACES = 120;

/** What each of so many holders has once none of them gets any more. */
const takenBy = (holders: number): readonly number[] => {
  const held = Array.from({ length: holders }, () => 0);
  const all = (): number => held.reduce((sum, its) => sum + its, 0);
  for (let round = 0; round < PLACES; round += 1) {
    for (const [holder, its] of held.entries()) {
      if (mayTakeAnother(its, all(), PLACES)) held[holder] = its + 1;
    }
  }
  return held;
};

describe('shares', () => {
  it.each([
    [1, 60],
    [2, 40],
    [5, 20],
  ])('leave to whoever comes next as much as each of %i greedy holders gets', (holders, each) => {
    expect(takenBy(holders)).toEqual(Array.from({ length: holders }, () => each));
    expect(mayTakeAnother(0, holders * each, PLACES)).toBe(true);
  });

  it('are none where no place is free', () => {
    expect(mayTakeAnother(0, PLACES, PLACES)).toBe(false);
  });
});

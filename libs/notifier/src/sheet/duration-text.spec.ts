import { toTimestamp } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, timeLeft } from './duration-text.ts';

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000 };

const msOf = (text: string): number =>
  [...text.matchAll(/(\d+) (d|h|min|s)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? NaN),
    0,
  );

describe('a duration', () => {
  it.each([
    [-1, '0 s'],
    [999, '0 s'],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [90_000, '1 min 30 s'],
    [900_000, '15 min'],
    [5_400_000, '1 h 30 min'],
    [3_600_000 + 59_000, '1 h'],
    [172_800_000, '2 d'],
    [86_400_000 + 3_600_000 + 60_000, '1 d 1 h'],
    [86_400_000 * 400, '400 d'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('is never told longer than it is, nor shorter by as much as the smaller unit it tells', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (ms) => {
        const toldMs = msOf(durationText(ms));
        const smallerMs = ms >= 86_400_000 ? 3_600_000 : ms >= 3_600_000 ? 60_000 : 1_000;
        expect(toldMs).toBeLessThanOrEqual(ms);
        expect(ms - toldMs).toBeLessThan(smallerMs);
      }),
    );
  });
});

describe('the time that is left', () => {
  const deadline = { at: toTimestamp(900_000), given: '15 min after it was asked' };

  it('is told at a moment', () => {
    expect(timeLeft({ deadline }, 640_000)).toBe('4 min 20 s left');
  });

  it('is told neither once it is over nor where nothing waits', () => {
    expect(timeLeft({ deadline }, 900_000)).toBeUndefined();
    expect(timeLeft({}, 0)).toBeUndefined();
  });
});

import { fromVisible } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { warningOf } from './name-warning.ts';

describe('the warning about names', () => {
  it('tells which letter is the look-alike', () => {
    expect(warningOf(['st\u0430ging'])).toContain('st\\u{430}ging');
  });

  it('gives the true order of what right-to-left letters move', () => {
    const path = 's3://\u062A\u0642/2026';
    expect(fromVisible(warningOf([path]) ?? '')).toContain(path);
  });

  it.each([
    ['one name that is wholly written from right to left', 'Dataset::"\u0627\u0644\u0639"'],
    ['plain names', 'Dataset::"customers"'],
    ['words from right to left, with spaces between', '\u062A\u0642 \u0627\u0644'],
  ])('is absent for %s', (_, line) => {
    expect(warningOf([line])).toBeUndefined();
  });

  it('stays short however much there is to warn of', () => {
    const words = Array.from({ length: 5_000 }, (_, nth) => `${'a'.repeat(nth % 90)}\u0430b${nth}`).join(' ');
    expect(warningOf([words, `\u062A/1${'\u062A'.repeat(9_000)}`])?.length).toBeLessThan(2_500);
  });
});

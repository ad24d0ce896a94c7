import { describe, expect, it } from 'vitest';
import { mixedScriptWords } from './mixed-scripts.ts';

describe('a word of several scripts', () => {
  it.each([
    ['a Cyrillic letter among Latin ones', 'pаypal', ['pаypal']],
    ['a Greek letter among Latin ones', 'Agent::"etl-bοt"', ['bοt']],
    ['a letter of a script that is rarely met', 'rowᐃs', ['rowᐃs']],
  ])('is told: %s', (_, text, words) => {
    expect(mixedScriptWords(text)).toEqual(words);
  });

  it.each([
    ['plain ASCII', 'Dataset::"customers-2026"'],
    ['one other script, beside our own Latin words', 'Dataset::"клиенты"'],
    ['accents, digits and signs', 'Übergröße_42%'],
    ['Japanese, which is written in three', '東京タワーへ'],
    ['Korean with Chinese characters', '韓국어'],
    ['Arabic with digits of its own', 'تقرير٤'],
  ])('is none in %s', (_, text) => {
    expect(mixedScriptWords(text)).toEqual([]);
  });
});

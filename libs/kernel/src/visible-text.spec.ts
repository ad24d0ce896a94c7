import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromVisible, isBlank, visible } from './visible-text.ts';

describe('visible', () => {
  it.each([
    ['bidirectional overrides', 'pay \u202Eecila\u202C', 'pay \\u{202E}ecila\\u{202C}'],
    ['zero-width characters', 'ad\u200Bmin\uFEFF', 'ad\\u{200B}min\\u{FEFF}'],
    ['control characters and line ends', 'a\u001B[2Jb\r\nc\u0000', 'a\\u{1B}[2Jb\\u{D}\\u{A}c\\u{0}'],
    ['spaces that are not the space', 'a\u00A0b\u3000c', 'a\\u{A0}b\\u{3000}c'],
    ['fillers and blanks', 'a\u3164b\u2800', 'a\\u{3164}b\\u{2800}'],
    ['tag characters beyond the BMP', 'a\u{E0041}', 'a\\u{E0041}'],
    ['lone surrogates', 'a\uD800b', 'a\\u{D800}b'],
    ['text that reads like an escape', '\\u{202E}', '\\u{5C}u{202E}'],
  ])('escapes %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(fromVisible(shown)).toBe(text);
  });

  it('leaves ordinary text of any script, paths and quotes as they are', () => {
    const text = 'COPY "käufer" TO C:\\users\\Ωμέγα – 日本語 🚀 $HOME';
    expect(visible(text)).toBe(text);
  });

  it('is reversible for every text, and shows no unseen character', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\\', 'u', '{', '}', '2', 'E', '\u202E', '\uD800', ' ') }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = visible(text);
        expect(fromVisible(shown)).toBe(text);
        expect(shown).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}]/u);
      }),
    );
  });
});

describe('a text', () => {
  it.each([
    '',
    ' ',
    '\t\r\n',
    '\u200B\u200D\u2060',
    '\u3164\u2800',
    '\u0301',
    '\u{E0041}',
    '\uFE0F',
    '\uD800',
  ])('is blank where nothing of it is seen: %j', (text) => expect(isBlank(text)).toBe(true));

  it.each(['a', '.', '好', '🚀', ' \u200Bok', 'e\u0301'])('is not where anything is: %j', (text) =>
    expect(isBlank(text)).toBe(false),
  );
});

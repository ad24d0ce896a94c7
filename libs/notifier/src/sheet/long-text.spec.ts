import { fromVisible } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLines } from './command-lines.ts';
import { goingOn, linesOfJson } from './long-text.ts';
import { members } from './sheet-row.ts';

/** Indented lines belong to the one before; a line end is what the text itself says. */
const rejoined = (lines: readonly string[]): readonly string[] => {
  const whole: string[] = [];
  for (const line of lines) {
    if (line.startsWith('  ') && whole.length > 0) whole.push(`${whole.pop() ?? ''}${line.slice(2)}`);
    else whole.push(line);
  }
  return whole;
};

const texts = fc.array(fc.constantFrom('\n', '\\', 'n', ' ', "'", '"', 'x', ': 5'), { maxLength: 12 });
const lines = texts.map((pieces) => pieces.join(''));

describe('a text of several lines', () => {
  it('is shown in lines that give the exact members back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), lines, { maxKeys: 4 }), (object) => {
        const shown = rejoined(members('context', object).lines).map(fromVisible);
        const said = Object.values(object).map((value) => JSON.stringify(value));
        expect(shown.length).toBe(Math.max(1, said.length));
        for (const [nth, value] of said.entries()) expect(shown[nth]?.endsWith(`: ${value}`)).toBe(true);
      }),
    );
  });

  it('is shown in lines that give the exact words of a command back', () => {
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (argv) => {
        const long = ['a-word-that-is-too-long-for-a-line-of-sixty-characters-altogether', ...argv];
        const quoted = (word: string): string =>
          /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
        expect(rejoined(commandLines(long))).toEqual(long.map(quoted));
      }),
    );
  });

  it('never goes on where a backslash stands before an n', () => {
    expect(goingOn(linesOfJson(JSON.stringify('a\\nb\nc')))).toEqual([String.raw`"a\\nb\n`, '  c"']);
  });
});

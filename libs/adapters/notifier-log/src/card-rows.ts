import type { SheetRow } from '@countersign/notifier';

/** Columns of a terminal that nobody has widened. A narrower one breaks the lines by itself. */
const WIDTH = 80;
const LABEL_WIDTH = 15;
const TEXT_WIDTH = WIDTH - LABEL_WIDTH - 5;

/** One of `visible`'s escapes, or one character. */
const PIECES = /\\u\{[0-9A-F]+\}|./gsu;

/** How many columns a text may take: scripts above the first few may be drawn twice as wide. */
const columnsOf = (text: string): number => {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return columns;
};

/** Where a line that is full ends: after its last space, where that isn't too far back. */
const breakOf = (part: string): number => {
  const after = part.lastIndexOf(' ') + 1;
  return after > part.length / 2 ? after : part.length;
};

/** Breaks a line where the terminal would, or at a space before, so that nothing of it begins left of the bar. */
const wrap = (line: string): readonly string[] => {
  const parts: string[] = [];
  let part = '';
  for (const [piece] of line.matchAll(PIECES)) {
    if (columnsOf(part) + columnsOf(piece) > TEXT_WIDTH) {
      const end = breakOf(part);
      parts.push(part.slice(0, end));
      part = part.slice(end);
    }
    part += piece;
  }
  return [...parts, part];
};

/**
 * A label of ours, a bar, and a text that may be anybody's: plain, nothing cut, and never left of the bar. `|`
 * begins a line of the text, `\\` goes on with one that was too long, and `!` is a warning of ours.
 */
const row = ({ label, lines, warning }: SheetRow): string =>
  [
    ...lines.flatMap((line) => wrap(line).map((part, nth) => `${nth === 0 ? '|' : '\\'} ${part}`)),
    ...(warning === undefined ? [] : wrap(warning).map((part) => `! ${part}`)),
  ]
    .map((line, nth) => `  ${(nth === 0 ? label : '').padEnd(LABEL_WIDTH)} ${line}\n`)
    .join('');

export const rows = (given: readonly SheetRow[]): string => given.map(row).join('');

export const RULE = `${'='.repeat(WIDTH)}\n`;

/** Left and right of one line. */
export const title = (left: string, right: string): string =>
  `${left.padEnd(WIDTH - right.length)}${right}`.trimEnd() + '\n';

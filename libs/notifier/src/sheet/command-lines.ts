import { goingOn, linesOfText } from './long-text.ts';

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
const ONE_LINE = 60;

/** A word of an argv as a POSIX shell takes it: quoted wherever its borders or its spaces could be missed. */
const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * The exact argv: in one line where it is short, else one word per line. A word of several lines goes on, indented,
 * behind each line end, which `visible` shows as `\\u{A}`: no word begins with a space.
 */
export const commandLines = (argv: readonly string[]): readonly string[] => {
  const words = argv.map(quoted);
  const line = words.join(' ');
  return line.length <= ONE_LINE && !line.includes('\n') ? [line] : words.map(linesOfText).flatMap(goingOn);
};

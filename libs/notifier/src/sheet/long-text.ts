const INDENT = '  ';

/** Behind each line end, which stays where it is. */
export const linesOfText = (text: string): readonly string[] => text.split(/(?<=\n)/);

const JSON_LINE = /(?:\\[^n]|[^\\])*\\n|.+/gsu;

/** JSON behind each line end that it writes as `\n`; a backslash before an n is another thing. */
export const linesOfJson = (text: string): readonly string[] => text.match(JSON_LINE) ?? [text];

/** The lines of one thing among others: all but the first are indented. Without that, they are the exact text. */
export const goingOn = (lines: readonly string[]): readonly string[] =>
  lines.map((line, nth) => (nth === 0 ? line : `${INDENT}${line}`));

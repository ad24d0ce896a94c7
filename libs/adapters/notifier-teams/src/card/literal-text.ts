/** What a card's template, or its date and time functions, would begin with. */
const MARKUP = /\$(?=\{)|\{(?=\{)/g;

/** A space that a renderer could take away: at an end of a line, or after another one. */
const LOST_SPACE = /^ | (?= )| $/g;

const NO_BREAK_SPACE = '\u00A0';

/** Stands for a line without a character, which a client would leave out. */
const EMPTY = ' ';

const escapeOf = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;

/**
 * One line of a sheet as a `TextRun` shows it. Runs know no markdown; what else a client reads there, `{{DATE(...)}}`
 * and templates, is escaped as `visible` escapes, so that `fromVisible` gives it back. Spaces that HTML would fold
 * become no-break spaces, of which a sheet's lines hold none: {@link fromLiteral} turns them back.
 */
export const literal = (line: string): string =>
  line === '' ? EMPTY : line.replace(MARKUP, escapeOf).replace(LOST_SPACE, NO_BREAK_SPACE);

/** A sheet's line again, but for what `fromVisible` undoes. */
export const fromLiteral = (shown: string): string =>
  shown === EMPTY ? '' : shown.replaceAll(NO_BREAK_SPACE, ' ');

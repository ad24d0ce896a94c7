import { visible, type Json, type JsonObject, type Timestamp } from '@countersign/kernel';
import { goingOn, linesOfJson } from './long-text.ts';
import { warningOf } from './name-warning.ts';
import type { SheetRow } from './review-sheet.ts';

const lineOf = (text: string): string => visible(text);

/** Lines that are shown one below the other; a line end within one is shown as the character it is. */
export const row = (label: string, ...lines: readonly string[]): SheetRow => ({
  label,
  lines: lines.map(lineOf),
});

/** In UTC, exactly; `more` goes on in the same line. */
export const instantRow = (label: string, instant: Timestamp, more = ''): SheetRow => ({
  ...row(label, `${instant}${more}`),
  instant,
});

/** Somebody's prose: its line ends are shown as line ends. */
export const prose = (label: string, text: string): SheetRow => ({
  ...row(label, ...text.split('\n')),
  isVerbatim: true,
});

export const optionalRow = (label: string, text: string | undefined): readonly SheetRow[] =>
  text === undefined ? [] : [row(label, ...text.split('\n'))];

/** A row of names, where a letter that only looks like another, or stands elsewhere, would name something else. */
export const names = (label: string, ...lines: readonly string[]): SheetRow => {
  const warning = warningOf(lines);
  const plain = row(label, ...lines);
  return warning === undefined ? plain : { ...plain, warning };
};

const json = (value: Json): string => JSON.stringify(value);

const PLAIN_NAME = /^[A-Za-z0-9_.-]+$/;

/** A member's name, quoted where it could be taken for more than a name. */
const named = (name: string): string => (PLAIN_NAME.test(name) ? name : json(name));

/**
 * One member a line; `none` rather than an empty place that could have been forgotten. A text of several lines goes
 * on, indented, behind each `\\n`: no member begins with a space.
 */
export const members = (label: string, object: JsonObject): SheetRow => {
  const lines = Object.entries(object).map(([name, value]) => linesOfJson(`${named(name)}: ${json(value)}`));
  const isLong = lines.some(({ length }) => length > 1);
  const plain = names(label, ...(lines.length === 0 ? ['none'] : lines.flatMap(goingOn)));
  return isLong ? { ...plain, isVerbatim: true } : plain;
};

export const optionalMembers = (label: string, object: JsonObject): readonly SheetRow[] =>
  Object.keys(object).length === 0 ? [] : [members(label, object)];

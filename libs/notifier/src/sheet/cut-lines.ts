/**
 * One of `visible`'s escapes, or one character with what is drawn over it. Cut anywhere else, a text would read as
 * another one.
 */
const PIECES = /\\u\{[0-9A-F]+\}|.\p{M}{0,8}/gsu;

export type Measure = (text: string) => number;

export interface CutLines {
  readonly taken: readonly string[];
  /** Begins with the rest of the line that was cut, where one was. */
  readonly rest: readonly string[];
  readonly isMidLine: boolean;
}

/** As much of the line's beginning as the room holds, with `least` pieces taken whatever they measure. */
const cutLine = (line: string, room: number, measure: Measure, least: number): readonly [string, string] => {
  let taken = '';
  let measured = 0;
  let count = 0;
  for (const [piece] of line.matchAll(PIECES)) {
    measured += measure(piece);
    if (measured > room && count >= least) break;
    taken += piece;
    count += 1;
  }
  return [taken, line.slice(taken.length)];
};

/**
 * The first lines that fit the room together, a line end counting as one. Where not even the first line does,
 * it is cut, between two characters; `atLeastOne` takes one of them even where there is no room at all, so that
 * whoever goes on with the rest gets to its end.
 */
export const cutLines = (
  lines: readonly string[],
  room: number,
  measure: Measure,
  { atLeastOne }: { readonly atLeastOne: boolean },
): CutLines => {
  let left = room;
  for (const [nth, line] of lines.entries()) {
    const cost = measure(line) + (nth === 0 ? 0 : measure('\n'));
    if (cost > left) return nth === 0 ? firstLineCut(lines, room, measure, atLeastOne) : splitAt(lines, nth);
    left -= cost;
  }
  return { taken: lines, rest: [], isMidLine: false };
};

const splitAt = (lines: readonly string[], nth: number): CutLines => ({
  taken: lines.slice(0, nth),
  rest: lines.slice(nth),
  isMidLine: false,
});

const firstLineCut = (
  [line = '', ...others]: readonly string[],
  room: number,
  measure: Measure,
  atLeastOne: boolean,
): CutLines => {
  const [taken, rest] = cutLine(line, room, measure, atLeastOne ? 1 : 0);
  if (taken === '') return { taken: [], rest: [line, ...others], isMidLine: false };
  return { taken: [taken], rest: [rest, ...others], isMidLine: true };
};

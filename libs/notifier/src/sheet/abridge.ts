import { frameCost, linesCost, type SheetBudget } from './budget.ts';
import { cutLines } from './cut-lines.ts';
import type { Hidden, ReviewSheet, SheetRow } from './review-sheet.ts';

export interface AbridgedSheet {
  readonly sheet: ReviewSheet;
  /** Absent where everything is shown. */
  readonly hidden?: Hidden;
}

/** What a reviewer asks first. Rows that aren't named come after these, in the sheet's order. */
const FIRST = [
  'request',
  'who',
  'action',
  'resource',
  'digest',
  'needs',
  'still needs',
  'decide before',
  'owner',
  'on behalf of',
  'command',
  'why',
  'policy',
  'risk',
  'impact',
  'destination',
];

/** No row takes more of the room before every other one has had as much. */
const FIRST_SHARE = 400;

const rank = ({ label }: SheetRow): number => (FIRST.indexOf(label) + FIRST.length + 1) % (FIRST.length + 1);

/**
 * As much of a sheet as one message holds, the most important first, and how much that leaves out: a row that
 * is cut says so itself, and one that finds no room at all is counted. Whoever shows an abridged sheet offers
 * no decision on it, only to read it in full.
 */
export const abridge = (sheet: ReviewSheet, budget: SheetBudget): AbridgedSheet => {
  const shares = sharesOf(sheet, budget);
  const sections = sheet.sections.map((section) => ({
    ...section,
    rows: section.rows.map((row) => shorten(row, shares.get(row) ?? 0, budget)),
  }));
  const hidden = sections.flatMap(({ rows }) => rows).flatMap((row) => row.hidden ?? []);
  if (hidden.length === 0) return { sheet };
  return {
    sheet: {
      ...sheet,
      sections: sections
        .map((section) => ({ ...section, rows: section.rows.filter(({ lines }) => lines.length > 0) }))
        .filter(({ rows }) => rows.length > 0),
    },
    hidden: {
      lines: hidden.reduce((sum, { lines }) => sum + lines, 0),
      characters: hidden.reduce((sum, { characters }) => sum + characters, 0),
    },
  };
};

/** Of the page's room, what each row's lines get: first a small share each, then what is left, by rank. */
const sharesOf = ({ sections }: ReviewSheet, budget: SheetBudget): ReadonlyMap<SheetRow, number> => {
  const rows = sections.flatMap((section) => section.rows).toSorted((one, other) => rank(one) - rank(other));
  const shares = new Map<SheetRow, number>();
  let left = budget.page;
  for (const row of rows.slice(0, budget.rowsPerPage)) {
    const room = Math.min(left - frameCost(row, budget), budget.row);
    if (room <= 0) continue;
    const share = Math.min(linesCost(row.lines, budget.measure), room, FIRST_SHARE);
    shares.set(row, share);
    left -= share + frameCost(row, budget);
  }
  for (const [row, share] of shares) {
    const more = Math.min(linesCost(row.lines, budget.measure), budget.row) - share;
    const given = Math.max(0, Math.min(more, left));
    shares.set(row, share + given);
    left -= given;
  }
  return shares;
};

const shorten = (row: SheetRow, share: number, { measure }: SheetBudget): SheetRow => {
  const { taken, rest } = cutLines(row.lines, share, measure, { atLeastOne: false });
  if (rest.length === 0) return row;
  const characters = rest.reduce((sum, line) => sum + Array.from(line).length, 0);
  return { ...row, lines: taken, hidden: { lines: rest.length, characters } };
};

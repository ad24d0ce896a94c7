import { frameCost, linesCost, type SheetBudget } from './budget.ts';
import { cutLines } from './cut-lines.ts';
import type { ReviewSheet, SheetRow, SheetSection } from './review-sheet.ts';

export interface SheetPage {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly sections: readonly SheetSection[];
}

interface Placed {
  readonly section: SheetSection;
  readonly row: SheetRow;
}

/**
 * All of a sheet, notices aside, over as many pages as it takes. A row that is too long for one goes on in the
 * next, as numbered parts; nothing is left out, and putting the parts together gives the row's lines again.
 */
export const paginate = (sheet: ReviewSheet, budget: SheetBudget): readonly SheetPage[] => {
  const pages: Placed[][] = [];
  let page: Placed[] = [];
  let room = 0;
  for (const placed of pieces(sheet, budget)) {
    const cost = frameCost(placed.row, budget) + linesCost(placed.row.lines, budget.measure);
    if (pages.length === 0 || cost > room || page.length >= budget.rowsPerPage) {
      page = [];
      pages.push(page);
      room = budget.page;
    }
    page.push(placed);
    room -= cost;
  }
  return pages.map((placed, nth) => ({ number: nth + 1, of: pages.length, sections: gathered(placed) }));
};

const pieces = ({ sections }: ReviewSheet, budget: SheetBudget): readonly Placed[] =>
  sections.flatMap((section) =>
    section.rows.flatMap((row) => partsOf(row, budget).map((part) => ({ section, row: part }))),
  );

/** A part leaves room on a page for its frame. */
const partsOf = (row: SheetRow, budget: SheetBudget): readonly SheetRow[] => {
  const room = Math.min(budget.row, budget.page - frameCost(row, budget));
  const parts: { readonly lines: readonly string[]; readonly goesOn: boolean }[] = [];
  let rest = row.lines;
  let goesOn = false;
  do {
    const cut = cutLines(rest, room, budget.measure, { atLeastOne: true });
    parts.push({ lines: cut.taken, goesOn });
    rest = cut.rest;
    goesOn = cut.isMidLine;
  } while (rest.length > 0);
  if (parts.length === 1) return [row];
  return parts.map((part, nth) => ({
    ...row,
    lines: part.lines,
    part: { number: nth + 1, of: parts.length, goesOn: part.goesOn },
  }));
};

const gathered = (placed: readonly Placed[]): readonly SheetSection[] => {
  const sections = new Map<SheetSection, SheetRow[]>();
  for (const { section, row } of placed) sections.set(section, [...(sections.get(section) ?? []), row]);
  return [...sections].map(([section, rows]) => ({ ...section, rows }));
};

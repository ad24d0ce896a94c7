import type { SheetBudget } from '@countersign/notifier';

/** What a text costs in the JSON that is sent: UTF-8, with what JSON escapes. Additive over its pieces. */
const measure = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/** What stands around a row's words: its elements with their styles. */
const PER_ROW = 260;

/**
 * What Slack counts towards `msg_blocks_too_long` (near 13,000 characters) is not documented. The whole JSON of
 * the blocks is no less than that, whatever it is.
 */
export const MOST_MESSAGE = 12_000;

export const budgetOf = (page: number): SheetBudget => ({
  measure,
  row: page,
  page,
  rowsPerPage: 60,
  perRow: PER_ROW,
});

/** From all that a message could hold down to what one surely does: header, notices and buttons take some, too. */
export const MESSAGE_BUDGETS: readonly SheetBudget[] = [10_500, 9_000, 7_500, 6_000, 4_500, 3_000].map(
  budgetOf,
);

/** A page that is still read in one go. */
export const PAGE_BUDGET: SheetBudget = budgetOf(12_000);

/** What is decided on, said once more beside the decision. */
export const DECIDED_BUDGET: SheetBudget = { ...budgetOf(12_000), row: 2_000 };

/** One card among others: room for each of its rows, less where names are long. */
export const GATHERED_BUDGETS: readonly SheetBudget[] = [250, 120, 60].map((row) => ({
  ...budgetOf(4_000),
  row,
}));

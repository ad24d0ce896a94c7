import type { SheetBudget } from '@countersign/notifier';

/** Of the JSON around one line. */
const LINE = 130;

const ESCAPED_IN_JSON = /["\\]/;

const weightOf = (character: string): number => {
  if (character === '\n') return LINE;
  // May become an escape such as `\\u{7B}`.
  if (character === '$' || character === '{') return 8;
  // May become a no-break space.
  if (character === ' ' || ESCAPED_IN_JSON.test(character)) return 2;
  return Buffer.byteLength(character);
};

/** Bytes of JSON, at most. */
const measure = (text: string): number => {
  let weight = 0;
  for (const character of text) weight += weightOf(character);
  return weight;
};

/** Teams takes cards of about 28 KB, and counts bytes of JSON. */
export const MOST_CARD = 28_000;

/** What isn't counted here, heading, notices, buttons and the link, has the rest. */
export const CARD_BUDGET: SheetBudget = {
  measure,
  row: 9_000,
  page: 18_000,
  rowsPerPage: 40,
  perRow: 2 * LINE + 200,
};

/** Who reads in full turns few pages, each as long as a card may be. */
export const PAGE_BUDGET: SheetBudget = { ...CARD_BUDGET, row: CARD_BUDGET.page };

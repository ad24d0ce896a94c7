import type { Measure } from './cut-lines.ts';
import type { SheetRow } from './review-sheet.ts';

/** What one message, or one page, of a channel holds. */
export interface SheetBudget {
  /** What a text costs there, with what escaping adds: characters, or bytes. Additive over its pieces. */
  readonly measure: Measure;
  /** Most of one row's lines together, a line end included. */
  readonly row: number;
  /** Most of all rows of a page, each with its label, its warning and `perRow`. */
  readonly page: number;
  readonly rowsPerPage: number;
  /** What a row costs besides its texts. */
  readonly perRow: number;
}

/** What stands around a row's lines. */
export const frameCost = ({ label, warning = '' }: SheetRow, { measure, perRow }: SheetBudget): number =>
  measure(label) + measure(warning) + perRow;

export const linesCost = (lines: readonly string[], measure: Measure): number => measure(lines.join('\n'));

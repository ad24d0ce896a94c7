import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCard, SAMPLE_CARDS } from '../samples/index.ts';
import { abridge } from './abridge.ts';
import type { SheetBudget } from './budget.ts';
import { buildReviewSheet } from './build-review-sheet.ts';
import { paginate, type SheetPage } from './paginate.ts';
import type { ReviewSheet, SheetRow, SheetSection } from './review-sheet.ts';

const budgetOf = (row: number, page: number): SheetBudget => ({
  measure: (text) => text.length,
  row,
  page,
  rowsPerPage: 30,
  perRow: 10,
});

const rowsOf = ({ sections }: { readonly sections: readonly SheetSection[] }): readonly SheetRow[] =>
  sections.flatMap((section) => section.rows);

/** The rows with their parts put together again. */
const rejoined = (pages: readonly SheetPage[]): readonly (readonly [string, readonly string[]])[] => {
  const whole: [string, string[]][] = [];
  for (const { label, lines, part } of pages.flatMap(rowsOf)) {
    const [first = '', ...others] = lines;
    const last = whole.at(-1)?.[1];
    if (part === undefined || part.number === 1 || last === undefined) whole.push([label, [...lines]]);
    else if (part.goesOn) last.push(`${last.pop() ?? ''}${first}`, ...others);
    else last.push(...lines);
  }
  return whole;
};

const costOf = ({ label, lines, warning = '' }: SheetRow): number =>
  label.length + warning.length + lines.join('\n').length + 10;

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { minLength: 1, maxLength: 30 });
const sheets = texts.map((lines): ReviewSheet =>
  buildReviewSheet({ ...plainCard, justification: lines.join('\n'), command: ['sh', '-c', ...lines] }),
);

describe('the pages of a sheet', () => {
  it('hold all of it, in order, each within what the channel takes', () => {
    fc.assert(
      fc.property(sheets, fc.integer({ min: 150, max: 900 }), (sheet, row) => {
        const pages = paginate(sheet, budgetOf(row, 1_000));
        expect(rejoined(pages)).toEqual(rowsOf(sheet).map(({ label, lines }) => [label, lines]));
        for (const page of pages) {
          expect(rowsOf(page).length).toBeLessThanOrEqual(30);
          expect(rowsOf(page).reduce((sum, each) => sum + costOf(each), 0)).toBeLessThanOrEqual(1_000);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never cut one of our escapes', () => {
    const sheet = buildReviewSheet({ ...plainCard, justification: '\u202E'.repeat(2_000) });
    const lines = paginate(sheet, budgetOf(150, 400))
      .flatMap(rowsOf)
      .filter(({ label }) => label === 'why');
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.flatMap((each) => each.lines).every((line) => /^(\\u\{202E\})+$/.test(line))).toBe(true);
  });
});

describe('an abridged sheet', () => {
  it('is the sheet itself where all of it fits', () => {
    const sheet = buildReviewSheet(plainCard);
    expect(abridge(sheet, budgetOf(3_000, 8_000))).toEqual({ sheet });
  });

  it('shows the most important within the room, and says exactly how much it hides', () => {
    fc.assert(
      fc.property(sheets, (sheet) => {
        const budget = budgetOf(900, 1_500);
        const { sheet: shown, hidden } = abridge(sheet, budget);
        const characters = (rows: readonly SheetRow[]) =>
          rows.flatMap(({ lines }) => lines).reduce((sum, line) => sum + Array.from(line).length, 0);
        expect(characters(rowsOf(sheet)) - characters(rowsOf(shown))).toBe(hidden?.characters ?? 0);
        expect(rowsOf(shown).reduce((sum, each) => sum + costOf(each), 0)).toBeLessThanOrEqual(1_500);
        expect(rowsOf(shown).map(({ label }) => label)).toEqual(
          expect.arrayContaining([
            'request',
            'who',
            'action',
            'resource',
            'digest',
            'needs',
            'decide before',
          ]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('tells at a cut row how much of it is missing', () => {
    const { sheet, hidden } = abridge(
      buildReviewSheet(SAMPLE_CARDS['a Terraform plan']),
      budgetOf(2_900, 8_000),
    );
    const context = rowsOf(sheet).find(({ label }) => label === 'context');
    expect(context?.hidden?.characters).toBeGreaterThan(10_000);
    expect(hidden?.characters).toBe(context?.hidden?.characters);
  });
});

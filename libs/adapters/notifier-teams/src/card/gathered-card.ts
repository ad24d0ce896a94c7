import { abridge, type ReviewSheet, type SheetBudget } from '@countersign/notifier';
import { linkActions, pageAction } from './card-actions.ts';
import { CARD_BUDGET, MOST_CARD } from './card-budget.ts';
import { adaptiveCard, container, line, type AdaptiveCard, type CardElement } from './card-elements.ts';
import { pointerElements } from './message-card.ts';
import { hiddenText, rowElements } from './sheet-elements.ts';

/** Cards in one message: with the most that each may weigh, less than Teams' limit. */
export const GATHERS_AT_MOST = 7;

/** Of one request here; all of it is in its own pages. */
const SHARE: SheetBudget = { ...CARD_BUDGET, row: 240, page: 2_400 };

const TELLS: ReadonlySet<string> = new Set(['who', 'action', 'resource']);

interface Look {
  readonly isPrivate: boolean;
  readonly hasLinks: boolean;
}

const told = (sheet: ReviewSheet): readonly CardElement[] => {
  const sections = sheet.sections.map((section) => ({
    ...section,
    rows: section.rows.filter(({ label }) => TELLS.has(label)),
  }));
  const { sheet: shown, hidden } = abridge({ ...sheet, sections }, SHARE);
  return [
    ...shown.sections.flatMap(({ rows }) => rows).flatMap(rowElements),
    ...(hidden === undefined
      ? []
      : [line(`Hidden of these: ${hiddenText(hidden)}.`, { color: 'Attention' as const })]),
  ];
};

const oneOf = (sheet: ReviewSheet, { isPrivate, hasLinks }: Look): CardElement =>
  container([
    line(sheet.heading, { weight: 'Bolder' }),
    ...(isPrivate ? told(sheet) : []),
    ...pointerElements(sheet),
    {
      type: 'ActionSet',
      actions: [pageAction(sheet, 'Read in full', 1), ...(hasLinks ? linkActions(sheet) : [])],
    },
  ]);

/** Several requests in one message, oldest first. None is decided here: each is read in full first. */
export const gatheredCard = (sheets: readonly ReviewSheet[], isPrivate: boolean): AdaptiveCard => {
  const card = cardOf(sheets, { isPrivate, hasLinks: true });
  // Links have to go before anything else does.
  return Buffer.byteLength(JSON.stringify(card)) <= MOST_CARD
    ? card
    : cardOf(sheets, { isPrivate, hasLinks: false });
};

const cardOf = (sheets: readonly ReviewSheet[], look: Look): AdaptiveCard => {
  const waiting = sheets.filter(({ asks }) => asks).length;
  const heading = `${waiting} of these ${sheets.length} requests ${waiting === 1 ? 'waits' : 'wait'} for a decision`;
  return adaptiveCard(
    [
      line(heading, { size: 'Large', weight: 'Bolder' }),
      ...modeLines(sheets),
      ...sheets.map((sheet) => oneOf(sheet, look)),
    ],
    [],
  );
};

/** That tokens are minted here is said once. */
const modeLines = (sheets: readonly ReviewSheet[]): readonly CardElement[] => {
  const modes = sheets.flatMap(({ notices }) => notices).filter(({ label }) => label === 'mode');
  return [...new Set(modes.flatMap(({ lines }) => lines))].map((text) => line(text, { color: 'Warning' }));
};

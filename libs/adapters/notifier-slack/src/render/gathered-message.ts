import { abridge, type ReviewSheet, type SheetBudget } from '@countersign/notifier';
import type { KnownBlock } from '@slack/types';
import { GATHERED_BUDGETS } from './budgets.ts';
import { messageButtons } from './buttons.ts';
import { firstThatFits, rowsNamed, type MessageContent } from './card-message.ts';
import { rowsBlock } from './row-elements.ts';
import { contextBlock, counted, headerBlock, plain } from './texts.ts';

/** Each takes three blocks, and at the least room for its names about 2,000 of what a message holds. */
export const GATHERS_AT_MOST = 5;

const OPEN = ['request', 'risk', 'decide before'];
const TOLD = ['who', 'action', 'resource', ...OPEN];

interface Room {
  readonly budget: SheetBudget;
  readonly hasLinks: boolean;
}

/** Links have to go before names are cut short. */
const ROOMS: readonly Room[] = [
  ...GATHERED_BUDGETS.slice(0, 1).map((budget) => ({ budget, hasLinks: true })),
  ...GATHERED_BUDGETS.map((budget) => ({ budget, hasLinks: false })),
];

/** Cards of a burst, each with the way to read it in full; no decision is offered here. */
export const gatheredMessage = (sheets: readonly ReviewSheet[], isPrivate: boolean): MessageContent => {
  const waiting = sheets.filter(({ status }) => status === 'pending').length;
  const heading =
    waiting === 0
      ? 'No request here waits any more'
      : `${counted(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'} for a decision`;
  return {
    text: heading,
    blocks: firstThatFits(
      ROOMS.map((room) => () => [
        headerBlock(heading),
        contextBlock(
          'They came at once and are of little risk, so they share a message. Each is read and decided by itself.',
        ),
        ...sheets.flatMap((sheet) => blocksOf(sheet, isPrivate, room)),
      ]),
    ),
  };
};

const blocksOf = (
  { link, ...sheet }: ReviewSheet,
  isPrivate: boolean,
  { budget, hasLinks }: Room,
): readonly KnownBlock[] => [
  { type: 'context', elements: [plain(sheet.heading)] },
  rowsBlock(shortened(sheet, isPrivate ? TOLD : OPEN, budget)),
  ...messageButtons(sheet.status === 'pending' ? ['read'] : [], {
    ...sheet,
    ...(hasLinks && link !== undefined && { link }),
  }),
];

/** Long names are cut, and say so. */
const shortened = (sheet: ReviewSheet, labels: readonly string[], budget: SheetBudget) => {
  const [section] = sheet.sections;
  if (section === undefined) return [];
  const sections = [{ ...section, rows: rowsNamed(sheet, labels) }];
  return abridge({ ...sheet, sections }, budget).sheet.sections.flatMap(({ rows }) => rows);
};

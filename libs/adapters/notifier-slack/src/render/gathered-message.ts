import { abridge, type ReviewSheet, type SheetBudget } from '@countersign/notifier';
import type { KnownBlock } from '@slack/types';
import { pointerTo } from '../pointer.ts';
import { GATHERED_BUDGETS } from './budgets.ts';
import { messageButtons } from './buttons.ts';
import { firstThatFits, rowsNamed, type MessageContent } from './card-message.ts';
import { rowsBlock } from './row-elements.ts';
import { contextBlock, counted, headerBlock, plain } from './texts.ts';

/** Each takes three blocks, and at the least room for its names about 2,000 of what a message holds. */
export const GATHERS_AT_MOST = 5;

const OPEN = ['request', 'risk', 'decide before'];
const TOLD = ['who', 'action', 'resource', ...OPEN];

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
      GATHERED_BUDGETS.map((budget) => () => [
        headerBlock(heading),
        contextBlock(
          'They came at once and are of little risk, so they share a message. Each is read and decided by itself.',
        ),
        ...sheets.flatMap((sheet) => blocksOf(sheet, isPrivate, budget)),
      ]),
    ),
  };
};

const blocksOf = (sheet: ReviewSheet, isPrivate: boolean, budget: SheetBudget): readonly KnownBlock[] => [
  { type: 'context', elements: [plain(sheet.heading)] },
  rowsBlock(shortened(sheet, isPrivate ? TOLD : OPEN, budget)),
  ...(sheet.status === 'pending' ? [messageButtons(['read'], pointerTo(sheet))] : []),
];

/** Long names are cut, and say so. */
const shortened = (sheet: ReviewSheet, labels: readonly string[], budget: SheetBudget) => {
  const [section] = sheet.sections;
  if (section === undefined) return [];
  const sections = [{ ...section, rows: rowsNamed(sheet, labels) }];
  return abridge({ ...sheet, sections }, budget).sheet.sections.flatMap(({ rows }) => rows);
};

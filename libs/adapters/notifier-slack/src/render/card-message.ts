import { abridge, type AbridgedSheet, type ReviewSheet, type SheetSection } from '@countersign/notifier';
import type { KnownBlock } from '@slack/types';
import { MESSAGE_BUDGETS, MOST_MESSAGE } from './budgets.ts';
import { messageButtons } from './buttons.ts';
import { deadlineBlock, noticesBlock, rowsBlock, titleBlock } from './row-elements.ts';
import { contextBlock, counted, escaped, headerBlock } from './texts.ts';

/** What a message shows, and the one line that a notification of it does. */
export interface MessageContent {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** A card, whole where it fits; where it doesn't, it says how much it hides and offers no decision. */
export const cardMessage = (sheet: ReviewSheet): MessageContent => {
  const tries = MESSAGE_BUDGETS.map((budget) => () => blocksOf(sheet, abridge(sheet, budget)));
  return { text: summary(sheet), blocks: firstThatFits(tries) };
};

/** A card for a channel that isn't private: where the request is read and decided, and nothing of what it says. */
export const pointerMessage = (sheet: ReviewSheet): MessageContent => {
  const rows = rowsNamed(sheet, ['request', 'digest', 'decide before']);
  return {
    text: summary(sheet),
    blocks: [
      headerBlock(sheet.heading),
      ...noticesOf(sheet),
      rowsBlock(rows),
      contextBlock(
        'Details stand here only in a private channel that is shared with nobody outside. ' +
          'Whoever may decide or read it can open it.',
      ),
      ...messageButtons(['read'], sheet),
    ],
  };
};

export const rowsNamed = ({ sections }: ReviewSheet, labels: readonly string[]): SheetSection['rows'] =>
  sections.flatMap(({ rows }) => rows).filter(({ label }) => labels.includes(label));

/** Ours, but for the id, which holds no markup. */
export const summary = ({ heading, requestId }: ReviewSheet): string => escaped(`${heading}: ${requestId}`);

/** What everybody must know first: how grave it is, and what is odd about this card. */
const noticesOf = ({ notices, risk }: ReviewSheet): KnownBlock[] => {
  const first = risk === undefined ? [] : [{ label: 'risk', lines: [`Risk: ${risk}`] }];
  const rows = [...first, ...notices];
  return rows.length === 0 ? [] : [noticesBlock(rows)];
};

/** How grave it is and how long there is, before all else: a card may be long. */
export const glanceOf = (sheet: ReviewSheet): KnownBlock[] => [
  ...noticesOf(sheet),
  ...(sheet.deadline === undefined ? [] : [deadlineBlock(sheet.deadline)]),
];

/** Whose words they are stands over them, behind a line. */
export const sectionBlocks = (sections: readonly SheetSection[]): KnownBlock[] =>
  sections.flatMap(({ title, rows }) => [{ type: 'divider' }, titleBlock(title), rowsBlock(rows)]);

/** The last one does fit, or Slack says that it doesn't. */
export const firstThatFits = (tries: readonly (() => KnownBlock[])[]): KnownBlock[] => {
  let blocks: KnownBlock[] = [];
  for (const attempt of tries) {
    blocks = attempt();
    if (Buffer.byteLength(JSON.stringify(blocks)) <= MOST_MESSAGE) return blocks;
  }
  return blocks;
};

const blocksOf = (whole: ReviewSheet, { sheet, hidden }: AbridgedSheet): KnownBlock[] => [
  headerBlock(whole.heading),
  ...glanceOf(whole),
  ...sectionBlocks(sheet.sections),
  ...(hidden === undefined
    ? []
    : [
        titleBlock(
          `Not all of it fits here. Not shown: ${counted(hidden.lines, 'line')} ` +
            `(${counted(hidden.characters, 'character')}). Read it in full${whole.asks ? ' to decide' : ''}.`,
        ),
      ]),
  ...buttonsOf(whole, hidden !== undefined),
];

const buttonsOf = (sheet: ReviewSheet, isAbridged: boolean): readonly KnownBlock[] => {
  if (isAbridged) return messageButtons(['read'], sheet);
  return messageButtons(sheet.asks ? ['approve', 'deny', 'read'] : [], sheet);
};

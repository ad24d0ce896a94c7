import { abridge, paginate, type ReviewSheet, type SheetPage } from '@countersign/notifier';
import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import { DECIDE, FIELDS, type ViewPointer } from '../pointer.ts';
import { DECIDED_BUDGET, PAGE_BUDGET } from './budgets.ts';
import { viewButtons } from './buttons.ts';
import { glanceOf, rowsNamed, sectionBlocks } from './card-message.ts';
import { sentenceBlock } from './row-elements.ts';
import { contextBlock, headerBlock, plain } from './texts.ts';

/** What `RecordDecision` takes of a reason. */
const MOST_REASON = 2_000;

const reasonInput: InputBlock = {
  type: 'input',
  block_id: FIELDS.reason,
  label: plain('Reason'),
  hint: plain('It stands in the record, with your name.'),
  element: {
    type: 'plain_text_input',
    action_id: FIELDS.reason,
    multiline: true,
    min_length: 1,
    max_length: MOST_REASON,
  },
};

/** No option is chosen beforehand. */
const decisionInput: InputBlock = {
  type: 'input',
  block_id: FIELDS.decision,
  label: plain('Your decision'),
  element: {
    type: 'radio_buttons',
    action_id: FIELDS.decision,
    options: [
      { text: plain('Approve'), value: 'approve' },
      { text: plain('Deny'), value: 'deny' },
    ],
  },
};

const modal = (title: string, blocks: KnownBlock[], more: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  title: plain(title),
  close: plain('Close'),
  blocks,
  ...more,
});

const decides = (pointer: ViewPointer, submit: string): Partial<ModalView> => ({
  callback_id: DECIDE,
  private_metadata: JSON.stringify(pointer),
  submit: plain(submit),
  close: plain('Cancel'),
});

const DECIDED = { about: 'action', title: 'What you decide on, in short.', origin: 'claimed' } as const;

/** Each of them, whatever the others take; one that is cut says so. */
const decidedOn = (sheet: ReviewSheet): KnownBlock[] => {
  const rows = rowsNamed(sheet, ['request', 'who', 'action', 'resource', 'digest']);
  return sectionBlocks(
    abridge({ ...sheet, sections: [{ ...DECIDED, rows }] }, DECIDED_BUDGET).sheet.sections,
  );
};

/** Asks for the reason of what was pressed, and says once more what it was pressed for. */
export const reasonView = (sheet: ReviewSheet, pointer: ViewPointer): ModalView => {
  const title = pointer.k === 'approve' ? 'Approve' : 'Deny';
  return modal(title, [...decidedOn(sheet), reasonInput], decides(pointer, title));
};

export const pagesOf = (sheet: ReviewSheet): readonly SheetPage[] => paginate(sheet, PAGE_BUDGET);

/** One page of all there is to read; the last one offers the decision. */
export const pageView = (sheet: ReviewSheet, pointer: ViewPointer, hasChanged: boolean): ModalView => {
  const pages = pagesOf(sheet);
  const page = pages[pointer.p - 1];
  const isLast = pointer.p >= pages.length;
  const asksNow = isLast && sheet.asks;
  const blocks = [
    headerBlock(sheet.heading),
    ...(hasChanged ? [contextBlock('It has changed since you began to read: this is its first page.')] : []),
    contextBlock(`Page ${pointer.p} of ${pages.length}`),
    ...glanceOf(sheet),
    ...sectionBlocks(page?.sections ?? []),
    ...navigation(pointer.p, isLast),
    // On a page of its own, who asks and for what have long gone by.
    ...(asksNow && pages.length > 1 ? decidedOn(sheet) : []),
    ...(asksNow ? [decisionInput, reasonInput] : []),
  ];
  return modal(
    'Review',
    blocks,
    asksNow ? decides(pointer, 'Record decision') : { private_metadata: JSON.stringify(pointer) },
  );
};

/** A sentence where there is nothing else to show. */
export const sentenceView = (sentence: string): ModalView => modal('Review', [sentenceBlock(sentence)]);

const navigation = (number: number, isLast: boolean): readonly KnownBlock[] => {
  const kinds = [...(number > 1 ? (['previous'] as const) : []), ...(isLast ? [] : (['next'] as const))];
  return kinds.length === 0 ? [] : [viewButtons(kinds)];
};

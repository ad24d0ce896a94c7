import { abridge, paginate, type ReviewSheet, type SheetSection } from '@countersign/notifier';
import { decideActions, linkActions, pageAction, reasonInput } from './card-actions.ts';
import { CARD_BUDGET, PAGE_BUDGET } from './card-budget.ts';
import { adaptiveCard, line, type AdaptiveCard, type CardButton } from './card-elements.ts';
import { glanceElements, sectionElement } from './sheet-elements.ts';

export interface AskedPage {
  /** From 1; a page that doesn't exist is the last one. */
  readonly number: number;
  /** The version of the sheet that the pages before were of. */
  readonly version: number;
}

/**
 * A page of the whole sheet, for one person alone. Only the last one offers to decide, and a sheet that has changed
 * since its first page begins again: who decides has been shown all of one version.
 */
export const pageCard = (sheet: ReviewSheet, asked: AskedPage): AdaptiveCard => {
  const pages = paginate(sheet, PAGE_BUDGET);
  const hasChanged = asked.number > 1 && asked.version !== sheet.version;
  const number = hasChanged ? 1 : Math.min(asked.number, pages.length);
  const sections = pages[number - 1]?.sections ?? [];
  const isLast = number >= pages.length;
  const body = [
    ...glanceElements(sheet),
    ...(hasChanged
      ? [line('It has changed since; read it from its beginning.', { color: 'Attention' })]
      : []),
    line(`Page ${number} of ${Math.max(1, pages.length)}. Only you see this.`, { isSubtle: true }, 'Small'),
    ...sections.map(sectionElement),
  ];
  const turns = turnActions(sheet, number, pages.length);
  if (!isLast || !sheet.asks) return adaptiveCard(body, turns);
  const once = pages.length > 1 ? decidedOn(sheet).map(sectionElement) : [];
  return adaptiveCard([...body, ...once, reasonInput], [...decideActions(sheet), ...turns]);
};

const DECIDED: ReadonlySet<string> = new Set(['request', 'who', 'action', 'resource', 'digest']);

/** Once more, where who asks and for what have long gone by; what is cut of it says so. */
const decidedOn = (sheet: ReviewSheet): readonly SheetSection[] => {
  const rows = sheet.sections.flatMap((section) => section.rows).filter(({ label }) => DECIDED.has(label));
  const section = {
    about: 'action',
    title: 'What you decide on, in short.',
    origin: 'claimed',
    rows,
  } as const;
  return abridge({ ...sheet, sections: [section] }, { ...CARD_BUDGET, row: 1_000, page: 3_500 }).sheet
    .sections;
};

const turnActions = (sheet: ReviewSheet, number: number, of: number): readonly CardButton[] => [
  ...(number < of ? [pageAction(sheet, `Next page (${number + 1} of ${of})`, number + 1)] : []),
  ...(number > 1 ? [pageAction(sheet, 'Page before', number - 1)] : []),
  ...linkActions(sheet),
];

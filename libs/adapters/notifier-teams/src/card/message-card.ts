import { abridge, type ReviewSheet, type SheetRow } from '@countersign/notifier';
import { decideActions, linkActions, pageAction, reasonInput } from './card-actions.ts';
import { CARD_BUDGET } from './card-budget.ts';
import {
  adaptiveCard,
  container,
  line,
  type AdaptiveCard,
  type CardButton,
  type CardElement,
} from './card-elements.ts';
import { glanceElements, headingElements, hiddenText, sectionElement } from './sheet-elements.ts';

const readInFull = (sheet: ReviewSheet): readonly CardButton[] => [
  pageAction(sheet, 'Read in full', 1),
  ...linkActions(sheet),
];

/** The card that everybody in the conversation sees. A decision is offered on it only where it shows all. */
export const messageCard = (sheet: ReviewSheet): AdaptiveCard => {
  const { sheet: shown, hidden } = abridge(sheet, CARD_BUDGET);
  const body = [...glanceElements(sheet), ...shown.sections.map(sectionElement)];
  if (hidden !== undefined)
    return adaptiveCard([...body, hiddenElement(hiddenText(hidden), sheet)], readInFull(sheet));
  if (!sheet.asks) return adaptiveCard(body, linkActions(sheet));
  return adaptiveCard(
    [...body, reasonInput],
    [...decideActions(sheet), pageAction(sheet, 'Details', 1), ...linkActions(sheet)],
  );
};

const hiddenElement = (hidden: string, { asks }: ReviewSheet): CardElement =>
  container([
    line(
      `This card hides ${hidden}. ${asks ? 'Read it in full to decide.' : 'Read it in full to see them.'}`,
      { color: 'Attention', weight: 'Bolder' },
    ),
  ]);

/** What a card without details tells of a request: nothing that a requester wrote. */
const POINTER_ROWS: ReadonlySet<string> = new Set(['request', 'decide before']);

const rowsLabelled = ({ sections }: ReviewSheet, labels: ReadonlySet<string>): readonly SheetRow[] =>
  sections.flatMap(({ rows }) => rows).filter(({ label }) => labels.has(label));

export const pointerElements = (sheet: ReviewSheet): readonly CardElement[] =>
  rowsLabelled(sheet, POINTER_ROWS).flatMap(({ label, lines }) =>
    lines.map((text) => line(`${label}: ${text}`)),
  );

/** Where others might read along: that there is a request, and the way to it for those who may decide. */
export const pointerCard = (sheet: ReviewSheet): AdaptiveCard =>
  adaptiveCard(
    [
      ...headingElements(sheet),
      ...pointerElements(sheet),
      line(
        'Not everybody here may read what it asks for; who may opens it for themselves alone.',
        { isSubtle: true },
        'Small',
      ),
    ],
    readInFull(sheet),
  );

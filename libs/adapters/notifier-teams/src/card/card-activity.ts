import { timeLeft, type ReviewSheet } from '@countersign/notifier';
import type { AdaptiveCard } from './card-elements.ts';
import { gatheredCard } from './gathered-card.ts';
import { messageCard, pointerCard } from './message-card.ts';
import { gatheringMark, marked, reviewMark, type PostedMark } from './posted-mark.ts';

/** What a message shows, and to whom. */
export interface CardContent {
  readonly summary: string;
  readonly mark: PostedMark;
  /** Whose cards these are. */
  readonly requests: readonly string[];
  readonly card: (isPrivate: boolean) => AdaptiveCard;
}

/** A message that shows a card. Notifications show `summary`: words of ours alone. */
export const cardActivity = ({ summary, mark, card }: CardContent, isPrivate: boolean): object => ({
  type: 'message',
  summary,
  attachments: [
    { contentType: 'application/vnd.microsoft.card.adaptive', content: marked(card(isPrivate), mark) },
  ],
});

export const reviewContent = (sheet: ReviewSheet): CardContent => ({
  summary: sheet.heading,
  mark: reviewMark(sheet.requestId),
  requests: [sheet.requestId],
  card: (isPrivate) => (isPrivate ? messageCard(sheet) : pointerCard(sheet)),
});

export const gatheredContent = (gatheringId: string, sheets: readonly ReviewSheet[]): CardContent => ({
  summary: `${sheets.length} requests`,
  mark: gatheringMark(gatheringId),
  requests: sheets.map(({ requestId }) => requestId),
  card: (isPrivate) => gatheredCard(sheets, isPrivate),
});

/** Read as it is written: it holds nothing but an id and times, told at this moment. */
export const reminderActivity = (sheet: ReviewSheet, nowMs: number): object => {
  const { deadline } = sheet;
  const left = timeLeft(sheet, nowMs);
  const by = deadline === undefined ? '' : ` until ${deadline.at}`;
  const more = left === undefined ? '' : ` (${left})`;
  return {
    type: 'message',
    textFormat: 'plain',
    text: `Request ${sheet.requestId} still waits for a decision${by}${more}.`,
  };
};

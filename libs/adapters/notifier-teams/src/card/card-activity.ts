import { timeLeft, type ReviewSheet } from '@countersign/notifier';
import type { AdaptiveCard } from './card-elements.ts';

/** A message that shows a card. Notifications show `summary`: words of ours alone. */
export const cardActivity = (summary: string, card: AdaptiveCard): object => ({
  type: 'message',
  summary,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
});

export const summaryOf = ({ heading }: ReviewSheet): string => heading;

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

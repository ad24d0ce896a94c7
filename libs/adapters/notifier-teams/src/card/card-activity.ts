import type { ReviewSheet } from '@countersign/notifier';
import type { AdaptiveCard } from './card-elements.ts';

/** A message that shows a card. Notifications show `summary`: words of ours alone. */
export const cardActivity = (summary: string, card: AdaptiveCard): object => ({
  type: 'message',
  summary,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
});

export const summaryOf = ({ heading }: ReviewSheet): string => heading;

/** Read as it is written: it holds nothing but an id and a time. */
export const reminderActivity = (sheet: ReviewSheet): object => {
  const until = sheet.sections
    .flatMap(({ rows }) => rows)
    .find(({ label }) => label === 'decide before')
    ?.lines.join(' ');
  const by = until === undefined ? '' : ` until ${until}`;
  return {
    type: 'message',
    textFormat: 'plain',
    text: `Request ${sheet.requestId} still waits for a decision${by}.`,
  };
};

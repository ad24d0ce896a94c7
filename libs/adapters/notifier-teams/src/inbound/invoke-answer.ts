import type { WebhookReply } from '@countersign/notifier';
import type { AdaptiveCard } from '../card/card-elements.ts';

const answer = (statusCode: 200 | 400, type: string, value: unknown): WebhookReply => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify({ statusCode, type, value }),
});

/**
 * What only the person who clicked is shown. It is the answer to the click itself: the library's own way from an
 * answer with a card to the message would show it to everybody.
 */
export const privateCard = (card: AdaptiveCard): WebhookReply =>
  answer(200, 'application/vnd.microsoft.card.adaptive', card);

export const privateMessage = (text: string): WebhookReply =>
  answer(200, 'application/vnd.microsoft.activity.message', text);

/** Teams keeps what was typed, and shows what was wrong. */
export const privateError = (code: string, message: string): WebhookReply =>
  answer(400, 'application/vnd.microsoft.error', { code, message });

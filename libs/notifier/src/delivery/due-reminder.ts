import { plusMs, type Timestamp } from '@countersign/kernel';
import type { ReviewCard } from '../card/review-card.ts';
import type { ChannelDelivery } from './delivery.ts';
import type { NotificationReminded, ReminderCause } from './delivery-events.ts';

/** What says when somebody is reminded. */
export interface ReminderTerms {
  readonly remindAfterMs?: number;
  readonly expiresAt: Timestamp;
  readonly escalatedAt?: Timestamp;
}

/**
 * The reminder that is due on a channel, or undefined: only where the card stands and still asks, each so long after
 * the post or the reminder before, and once when others are asked since. What was missed is not made up for.
 */
export const dueReminder = (
  { requestId, status }: Pick<ReviewCard, 'requestId' | 'status'>,
  channel: string,
  delivery: ChannelDelivery,
  terms: ReminderTerms,
  now: Timestamp,
): NotificationReminded | undefined => {
  const { message, postedAt, remindedAt } = delivery;
  if (status !== 'pending' || message === undefined || postedAt === undefined) return undefined;
  if (now >= terms.expiresAt) return undefined;
  const why = causeOf(remindedAt ?? postedAt, terms, now);
  if (why === undefined) return undefined;
  return { type: 'NotificationReminded', data: { requestId, channel, why, remindedAt: now } };
};

const causeOf = (
  last: Timestamp,
  { remindAfterMs, escalatedAt }: ReminderTerms,
  now: Timestamp,
): ReminderCause | undefined => {
  if (escalatedAt !== undefined && escalatedAt > last) return 'escalation';
  return remindAfterMs !== undefined && now >= plusMs(last, remindAfterMs) ? 'interval' : undefined;
};

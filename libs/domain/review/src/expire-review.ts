import { decided, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import type { ReviewExpired } from './review-events.ts';
import type { Review } from './review.ts';

export interface ExpireReview {
  /** `undeliverable` where no channel of the review was ever told; until the deadline it may be decided all the same. */
  readonly cause: ReviewExpired['data']['cause'];
  readonly now: Timestamp;
}

/** The first instant that is too late is `expiresAt` itself. */
export const isPastDeadline = (now: Timestamp, { expiresAt }: { readonly expiresAt: Timestamp }): boolean =>
  now >= expiresAt;

export const expireReview = ({ cause, now }: ExpireReview, review: Review): Outcome<ReviewExpired, never> => {
  if (review.status !== 'open') return UNCHANGED;
  const { opened } = review.record;
  if (!isPastDeadline(now, opened)) return UNCHANGED;
  return decided({ type: 'ReviewExpired', data: { requestId: opened.requestId, cause, expiredAt: now } });
};

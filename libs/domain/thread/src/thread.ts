import type { ActionRequested } from '@countersign/domain-action';
import { foldGrant, type Grant, type GrantEvent } from '@countersign/domain-grant';
import { foldReview, type Review, type ReviewEvent } from '@countersign/domain-review';

/** One request, from the asking to what came of it. */
export interface Thread {
  readonly request: ActionRequested['data'];
  readonly review: Review;
  readonly grant: Grant;
  /** Number of events of the three streams: grows with every change, and never shrinks. */
  readonly version: number;
}

export interface ThreadEvents {
  readonly request: ActionRequested['data'];
  readonly review: readonly ReviewEvent[];
  readonly grant: readonly GrantEvent[];
}

/**
 * Joins the streams. Read them effects first (grant, then review, then request): a thread then never shows
 * an effect whose cause it hasn't read.
 */
export const foldThread = ({ request, review, grant }: ThreadEvents): Thread => ({
  request,
  review: foldReview(review),
  grant: foldGrant(grant),
  version: 1 + review.length + grant.length,
});

import type { ActionRequested } from '@countersign/domain-action';
import { decided, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import { approvalOf } from './approval-of.ts';
import { dueEscalation } from './due-escalation.ts';
import type { ReviewApproved, ReviewEscalated } from './review-events.ts';
import { evolve, recordOf, type Review } from './review.ts';

export interface EscalateReview {
  readonly request: ActionRequested['data'];
  readonly now: Timestamp;
}

/** Approvals that stand already may fill a seat that has just opened to them: then it concludes the review. */
export const escalateReview = (
  { request, now }: EscalateReview,
  review: Review,
): Outcome<ReviewEscalated | ReviewApproved, never> => {
  const escalation = dueEscalation(now, review);
  if (escalation === undefined) return UNCHANGED;
  const record = recordOf(evolve(review, escalation));
  const approval = record && approvalOf(request, record, escalation.data.escalatedAt);
  return approval === undefined
    ? decided<ReviewEscalated | ReviewApproved>(escalation)
    : decided<ReviewEscalated | ReviewApproved>(escalation, approval);
};

import type { DecisionView } from '@countersign/contracts';
import type { ReviewEvent } from '@countersign/domain-review';
import { CodedError } from '@countersign/kernel';

/** A conclusion shares the append of the decision that caused it, so it is the very next event. */
const statusAfter = (next: ReviewEvent | undefined): string => {
  if (next?.type === 'ReviewApproved') return 'approved';
  return next?.type === 'ReviewDenied' ? 'denied' : 'pending';
};

/** How a person's decision was answered when it was recorded, from the review's events; the same for ever. */
export const decisionView = (events: readonly ReviewEvent[], approver: string): DecisionView => {
  const at = events.findIndex(({ type, data }) => type === 'DecisionRecorded' && data.approver === approver);
  const event = events[at];
  if (event?.type !== 'DecisionRecorded') {
    throw new CodedError('decision_missing', `No decision of "${approver}" stands in the review.`);
  }
  const { requestId, decision, reason, digest, decidedAt } = event.data;
  return { requestId, approver, decision, reason, digest, decidedAt, status: statusAfter(events[at + 1]) };
};

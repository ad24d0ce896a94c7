import { redeemerOf, type ActionRequested } from '@countersign/domain-action';
import { plusMs, type Timestamp } from '@countersign/kernel';
import { deriveQuorum } from './derive-quorum.ts';
import type { ReviewApproved } from './review-events.ts';
import type { ReviewRecord } from './review.ts';

/** The approval that the whole record has come to, or undefined while a seat is vacant. */
export const approvalOf = (
  request: ActionRequested['data'],
  record: ReviewRecord,
  now: Timestamp,
): ReviewApproved | undefined => {
  const { isFilled, seated } = deriveQuorum(record);
  if (!isFilled) return undefined;
  const { opened } = record;
  return {
    type: 'ReviewApproved',
    data: {
      requestId: opened.requestId,
      digest: opened.digest,
      by: 'quorum',
      approvers: seated,
      enforcement: opened.enforcement,
      redeemer: redeemerOf(request),
      approvedAt: now,
      grantExpiresAt: plusMs(now, opened.grantTtlMs),
    },
  };
};

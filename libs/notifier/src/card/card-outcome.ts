import type { Grant } from '@countersign/domain-grant';
import type { ApprovedReview, DeniedReview, Review } from '@countersign/domain-review';
import type { Thread } from '@countersign/domain-thread';
import { formatEntity } from '@countersign/kernel';
import type { CardOutcome } from './review-card.ts';

/** How the request came to where it stands; undefined while nothing is decided. */
export const cardOutcome = ({ review, grant }: Pick<Thread, 'review' | 'grant'>): CardOutcome | undefined =>
  review.status === 'approved' ? ofGrant(review, grant) : ofReview(review);

const ofReview = (review: Exclude<Review, ApprovedReview>): CardOutcome | undefined => {
  switch (review.status) {
    case 'unevaluated':
    case 'evaluated':
    case 'open':
      return undefined;
    case 'denied':
      return ofDenial(review);
    case 'expired':
      return { at: review.expiry.expiredAt, cause: review.expiry.cause };
    case 'cancelled':
      return { at: review.cancellation.cancelledAt, by: formatEntity(review.cancellation.by) };
    default:
      return review satisfies never;
  }
};

const ofDenial = ({ denial }: DeniedReview): CardOutcome => ({
  at: denial.deniedAt,
  ...(denial.approver !== undefined && { by: denial.approver }),
  cause: denial.cause,
  detail: denial.detail,
});

const ofApproval = ({ approval }: ApprovedReview): CardOutcome => ({
  at: approval.approvedAt,
  by: approval.by === 'policy' ? 'policy' : approval.approvers.join(', '),
  useBefore: approval.grantExpiresAt,
});

const ofGrant = (review: ApprovedReview, grant: Grant): CardOutcome => {
  switch (grant.status) {
    case 'unopened':
    case 'open':
      return ofApproval(review);
    case 'revoked': {
      const { revokedAt, by, cause, reason } = grant.revocation;
      return { at: revokedAt, by: formatEntity(by), cause, detail: reason };
    }
    case 'expired':
      return { at: grant.expiry.expiredAt };
    case 'redeemed':
      return { at: grant.redemption.redeemedAt, by: formatEntity(grant.redemption.by) };
    case 'unreported':
      return { at: grant.unreported.unreportedAt };
    case 'reported':
      return ofReport(grant.report);
    default:
      return grant satisfies never;
  }
};

const ofReport = ({
  by,
  exitCode,
  summary,
  reportedAt,
}: Extract<Grant, { status: 'reported' }>['report']): CardOutcome => ({
  at: reportedAt,
  by: formatEntity(by),
  ...(exitCode !== undefined && { exitCode }),
  ...(summary !== undefined && { detail: summary }),
});

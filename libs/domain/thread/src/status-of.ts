import type { Grant } from '@countersign/domain-grant';
import type { RequestStatus } from './status.ts';
import type { Thread } from './thread.ts';

/** A grant means something only under an approval: without one its stream is not looked at. */
export const statusOf = ({ review, grant }: Pick<Thread, 'review' | 'grant'>): RequestStatus => {
  switch (review.status) {
    case 'unevaluated':
    case 'evaluated':
      return 'received';
    case 'open':
      return 'pending';
    case 'denied':
      return 'denied';
    case 'expired':
      return review.expiry.cause === 'undeliverable' ? 'undeliverable' : 'expired';
    case 'cancelled':
      return 'cancelled';
    case 'approved':
      return grantStatusOf(grant);
    default:
      return review satisfies never;
  }
};

/** Taken back after the approval, it is revoked, whatever the cause. */
const grantStatusOf = (grant: Grant): RequestStatus => {
  switch (grant.status) {
    case 'unopened':
    case 'open':
      return 'approved';
    case 'revoked':
      return 'revoked';
    case 'expired':
      return 'grant_expired';
    case 'redeemed':
      return 'redeemed';
    case 'unreported':
      return 'unreported';
    case 'reported':
      return grant.report.status;
    default:
      return grant satisfies never;
  }
};

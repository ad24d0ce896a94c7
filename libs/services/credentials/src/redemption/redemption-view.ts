import type { RedemptionView } from '@countersign/contracts';
import type { Grant } from '@countersign/domain-grant';
import { CodedError } from '@countersign/kernel';

/** How a redemption was answered when it happened, from what stands; the same for ever. */
export const redemptionView = (grant: Grant): RedemptionView => {
  if (!('redemption' in grant)) {
    throw new CodedError('impossible_event', `A redemption can't leave a grant ${grant.status}.`);
  }
  const { opened, redemption } = grant;
  return {
    grantId: opened.grantId,
    requestId: opened.requestId,
    redeemedAt: redemption.redeemedAt,
    enforcement: redemption.enforcement,
  };
};

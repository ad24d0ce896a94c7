import type { ClaimRefusal, Grant, RedemptionRefusal } from '@countersign/domain-grant';
import { CodedError, type JsonObject } from '@countersign/kernel';

type GrantRefusalCode = RedemptionRefusal | Exclude<ClaimRefusal, 'not_requester'>;

const MESSAGES: Readonly<Record<GrantRefusalCode, string>> = {
  wrong_executor: 'Another principal redeems and runs this action.',
  digest_mismatch: 'This is not the action that was approved; ask for approval of this one.',
  grant_revoked: 'The grant was revoked; ask again.',
  already_redeemed: 'The grant is spent: the action was let run once.',
  grant_expired: 'The grant has expired; ask again.',
};

/** Why it was taken back, for the one who may no longer run it. */
const revocationOf = (grant: Grant): JsonObject | undefined =>
  grant.status === 'revoked'
    ? { reason: grant.revocation.cause, reasonDetail: grant.revocation.reason }
    : undefined;

export const grantError = (refusal: GrantRefusalCode, grant: Grant): CodedError<GrantRefusalCode> =>
  new CodedError(refusal, MESSAGES[refusal], {
    members: refusal === 'grant_revoked' ? revocationOf(grant) : undefined,
  });

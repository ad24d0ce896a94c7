import {
  decided,
  refused,
  sameEntity,
  UNCHANGED,
  type EntityRef,
  type Outcome,
  type Timestamp,
} from '@countersign/kernel';
import type { GrantOpened, TokenIssued } from './grant-events.ts';
import type { Grant } from './grant.ts';
import { isExpired, openGrant, type GrantTerms } from './open-grant.ts';

export interface ClaimGrant {
  readonly by: EntityRef;
  readonly terms: GrantTerms;
  /** Of the token to be signed; a repeat keeps the first. */
  readonly jti: string;
  readonly now: Timestamp;
}

export type ClaimRefusal = 'not_requester' | 'grant_revoked' | 'already_redeemed' | 'grant_expired';

/**
 * Opens the grant and issues its one token, in one outcome. Claiming again is `unchanged`: sign the claims
 * that stand in `grant.token` again.
 */
export const claimGrant = (
  command: ClaimGrant,
  grant: Grant,
): Outcome<GrantOpened | TokenIssued, ClaimRefusal> => {
  if (!sameEntity(command.by, command.terms.requester)) return refused('not_requester');
  switch (grant.status) {
    case 'revoked':
      return refused('grant_revoked');
    case 'redeemed':
    case 'unreported':
    case 'reported':
      return refused('already_redeemed');
    case 'expired':
      return refused('grant_expired');
    case 'unopened':
    case 'open':
      return isExpired(command.terms, command.now) ? refused('grant_expired') : issued(command, grant);
    default:
      return grant satisfies never;
  }
};

const issued = (
  { terms, jti, now }: ClaimGrant,
  grant: Extract<Grant, { status: 'unopened' | 'open' }>,
): Outcome<GrantOpened | TokenIssued, never> => {
  const token = issueToken(terms, jti, now);
  if (grant.status === 'unopened') return decided<GrantOpened | TokenIssued>(openGrant(terms, now), token);
  return grant.token === undefined ? decided(token) : UNCHANGED;
};

const issueToken = ({ grantId, expiresAt }: GrantTerms, jti: string, now: Timestamp): TokenIssued => ({
  type: 'TokenIssued',
  data: { grantId, jti, issuedAt: now, expiresAt },
});

import { decided, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import type { GrantExpired, GrantOpened } from './grant-events.ts';
import type { Grant } from './grant.ts';
import { isExpired, openGrant, type GrantTerms } from './open-grant.ts';

export interface ExpireGrant {
  readonly terms: GrantTerms;
  readonly now: Timestamp;
}

/** Never claimed, it is opened only to expire, so that every request ends. Too early is `unchanged`. */
export const expireGrant = (
  { terms, now }: ExpireGrant,
  grant: Grant,
): Outcome<GrantOpened | GrantExpired, never> => {
  if (!isExpired(terms, now)) return UNCHANGED;
  const expired: GrantExpired = { type: 'GrantExpired', data: { grantId: terms.grantId, expiredAt: now } };
  if (grant.status === 'unopened') return decided<GrantOpened | GrantExpired>(openGrant(terms, now), expired);
  return grant.status === 'open' ? decided(expired) : UNCHANGED;
};

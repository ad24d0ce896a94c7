import {
  decided,
  refused,
  UNCHANGED,
  type EntityRef,
  type Outcome,
  type Timestamp,
} from '@countersign/kernel';
import type { GrantOpened, GrantRevoked, RevocationCause } from './grant-events.ts';
import type { Grant } from './grant.ts';
import { openGrant, type GrantTerms } from './open-grant.ts';

export interface RevokeGrant {
  readonly terms: GrantTerms;
  readonly cause: RevocationCause;
  readonly by: EntityRef;
  readonly reason: string;
  readonly now: Timestamp;
}

export type RevocationRefusal = 'already_redeemed' | 'grant_expired';

/** Before the claim too: the grant is then opened only to be revoked. Revoked already is `unchanged`. */
export const revokeGrant = (
  command: RevokeGrant,
  grant: Grant,
): Outcome<GrantOpened | GrantRevoked, RevocationRefusal> => {
  switch (grant.status) {
    case 'unopened':
      return decided<GrantOpened | GrantRevoked>(openGrant(command.terms, command.now), revoked(command));
    case 'open':
      return decided(revoked(command));
    case 'revoked':
      return UNCHANGED;
    case 'expired':
      return refused('grant_expired');
    case 'redeemed':
    case 'unreported':
    case 'reported':
      return refused('already_redeemed');
    default:
      return grant satisfies never;
  }
};

const revoked = ({ terms, cause, by, reason, now }: RevokeGrant): GrantRevoked => ({
  type: 'GrantRevoked',
  data: { grantId: terms.grantId, cause, by: { type: by.type, id: by.id }, reason, revokedAt: now },
});

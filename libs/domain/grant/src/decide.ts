import type { Outcome } from '@countersign/kernel';
import { claimGrant, type ClaimGrant, type ClaimRefusal } from './claim-grant.ts';
import { expireGrant, type ExpireGrant } from './expire-grant.ts';
import type { GrantEvent, RedemptionRefusal } from './grant-events.ts';
import type { Grant } from './grant.ts';
import { markUnreported, type MarkUnreported } from './mark-unreported.ts';
import { redeemGrant, type RedeemGrant } from './redeem-grant.ts';
import { reportExecution, type ReportExecution, type ReportRefusal } from './report-execution.ts';
import { revokeGrant, type RevocationRefusal, type RevokeGrant } from './revoke-grant.ts';

export type GrantCommand =
  | ({ readonly type: 'ClaimGrant' } & ClaimGrant)
  | ({ readonly type: 'RedeemGrant' } & RedeemGrant)
  | ({ readonly type: 'RevokeGrant' } & RevokeGrant)
  | ({ readonly type: 'ExpireGrant' } & ExpireGrant)
  | ({ readonly type: 'ReportExecution' } & ReportExecution)
  | ({ readonly type: 'MarkUnreported' } & MarkUnreported);

export type GrantRefusal = ClaimRefusal | RedemptionRefusal | RevocationRefusal | ReportRefusal;

export const decide = (command: GrantCommand, grant: Grant): Outcome<GrantEvent, GrantRefusal> => {
  switch (command.type) {
    case 'ClaimGrant':
      return claimGrant(command, grant);
    case 'RedeemGrant':
      return redeemGrant(command, grant);
    case 'RevokeGrant':
      return revokeGrant(command, grant);
    case 'ExpireGrant':
      return expireGrant(command, grant);
    case 'ReportExecution':
      return reportExecution(command, grant);
    case 'MarkUnreported':
      return markUnreported(command, grant);
    default:
      return command satisfies never;
  }
};

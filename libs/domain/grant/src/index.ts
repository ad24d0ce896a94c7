export {
  REDEMPTION_REFUSALS,
  REPORT_DEADLINE_MS,
  type ExecutionOutcome,
  type ExecutionReported,
  type ExecutionUnreported,
  type GrantEvent,
  type GrantExpired,
  type GrantOpened,
  type GrantRedeemed,
  type GrantRevoked,
  type RedemptionRefusal,
  type RedemptionRefused,
  type RevocationCause,
  type TokenIssued,
} from './grant-events.ts';
export { claimGrant, type ClaimGrant, type ClaimRefusal } from './claim-grant.ts';
export { decide as decideGrant, type GrantCommand, type GrantRefusal } from './decide.ts';
export { expireGrant, type ExpireGrant } from './expire-grant.ts';
export {
  evolve as evolveGrant,
  foldGrant,
  grantEvents,
  UNOPENED,
  type ExpiredGrant,
  type Grant,
  type OpenGrant,
  type RedeemedGrant,
  type ReportedGrant,
  type RevokedGrant,
  type UnopenedGrant,
  type UnreportedGrant,
} from './grant.ts';
export { isRedeemer, type ActingPrincipal } from './is-redeemer.ts';
export { markUnreported, type MarkUnreported } from './mark-unreported.ts';
export { grantTerms, type ApprovalTerms, type GrantTerms } from './open-grant.ts';
export { redeemGrant, type RedeemGrant } from './redeem-grant.ts';
export { reportExecution, type ReportExecution, type ReportRefusal } from './report-execution.ts';
export { revokeGrant, type RevocationRefusal, type RevokeGrant } from './revoke-grant.ts';

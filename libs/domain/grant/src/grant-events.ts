import type { ActionDigest, Enforcement } from '@countersign/domain-action';
import type { DomainEvent, EntityRef, Timestamp } from '@countersign/kernel';

/** The right to run exactly the approved action, once. Opened only after the review's record was verified. */
export type GrantOpened = DomainEvent<
  'GrantOpened',
  {
    readonly grantId: string;
    readonly requestId: string;
    readonly digest: ActionDigest;
    readonly requester: EntityRef;
    /** The person who acted through the requester: whoever claims or redeems for it acts for them too. */
    readonly initiator?: string;
    /** Who may redeem: the executor named in the context, else the requester. */
    readonly redeemer: EntityRef;
    readonly enforcement: Enforcement;
    readonly approvers: readonly string[];
    readonly openedAt: Timestamp;
    readonly expiresAt: Timestamp;
  }
>;

/** The claims of the one token; a repeated claim re-signs the same claims. The token itself is never stored. */
export type TokenIssued = DomainEvent<
  'TokenIssued',
  {
    readonly grantId: string;
    readonly jti: string;
    readonly issuedAt: Timestamp;
    readonly expiresAt: Timestamp;
  }
>;

export type GrantRedeemed = DomainEvent<
  'GrantRedeemed',
  {
    readonly grantId: string;
    readonly by: EntityRef;
    readonly digest: ActionDigest;
    readonly jti: string;
    readonly enforcement: Enforcement;
    /** Given by the redeemer, so that a lost answer can be asked for again. */
    readonly redemptionId?: string;
    /** The policy set and directory that still permitted at this moment. */
    readonly policySetDigest: string;
    readonly directoryDigest: string;
    readonly redeemedAt: Timestamp;
  }
>;

export type RevocationCause = 'revoked' | 'cancelled' | 'authorization_lapsed';

export type GrantRevoked = DomainEvent<
  'GrantRevoked',
  {
    readonly grantId: string;
    readonly cause: RevocationCause;
    readonly by: EntityRef;
    readonly reason: string;
    readonly revokedAt: Timestamp;
  }
>;

export type GrantExpired = DomainEvent<
  'GrantExpired',
  { readonly grantId: string; readonly expiredAt: Timestamp }
>;

export interface ExecutionOutcome {
  readonly status: 'succeeded' | 'failed';
  readonly exitCode?: number;
  readonly summary?: string;
  /** base64url SHA-256 of the output. */
  readonly outputDigest?: string;
}

export type ExecutionReported = DomainEvent<
  'ExecutionReported',
  ExecutionOutcome & {
    readonly grantId: string;
    readonly by: EntityRef;
    /** True where it followed `ExecutionUnreported`. */
    readonly late: boolean;
    readonly reportedAt: Timestamp;
  }
>;

export type ExecutionUnreported = DomainEvent<
  'ExecutionUnreported',
  { readonly grantId: string; readonly unreportedAt: Timestamp }
>;

export type GrantEvent =
  | GrantOpened
  | TokenIssued
  | GrantRedeemed
  | GrantRevoked
  | GrantExpired
  | ExecutionReported
  | ExecutionUnreported;

/** In the order in which they are asked, after the token's signature. */
export const REDEMPTION_REFUSALS = [
  'wrong_executor',
  'digest_mismatch',
  'grant_revoked',
  'already_redeemed',
  'grant_expired',
] as const;
export type RedemptionRefusal = (typeof REDEMPTION_REFUSALS)[number];

/** On `grantattempt-<id>`, at most 20. A token that fails verification appends nothing. */
export type RedemptionRefused = DomainEvent<
  'RedemptionRefused',
  {
    readonly grantId: string;
    readonly by: EntityRef;
    readonly refusal: RedemptionRefusal;
    readonly refusedAt: Timestamp;
  }
>;

/** How long after redemption an outcome is awaited. */
export const REPORT_DEADLINE_MS = 24 * 3_600_000;

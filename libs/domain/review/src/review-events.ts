import type { ActionDigest, Enforcement } from '@countersign/domain-action';
import type { Owner } from '@countersign/domain-directory';
import type { DomainEvent, EntityRef, JsonObject, Timestamp } from '@countersign/kernel';

/** `quorum` persons of `group`; after escalation persons of `alternatives` fill the same seats. */
export interface Requirement {
  readonly group: string;
  readonly quorum: number;
  readonly escalation?: { readonly after: Timestamp; readonly to: readonly string[] };
}

export interface PolicyRef {
  readonly id: string;
  readonly description: string;
}

/** Why the engine answered as it did. */
export type EvaluationReason =
  | 'permitted'
  | 'review_required'
  | 'forbidden'
  | 'no_matching_permit'
  | 'evaluation_error'
  | 'claim_type_mismatch'
  | 'initiator_required'
  | 'unknown_executor'
  | 'enforcement_required'
  | 'no_eligible_quorum'
  | 'no_way_to_decide';

export type PolicyEvaluated = DomainEvent<
  'PolicyEvaluated',
  {
    readonly requestId: string;
    readonly digest: ActionDigest;
    readonly policySetDigest: string;
    readonly directoryDigest: string;
    readonly reason: EvaluationReason;
    /** One sentence that names the part: the forbidding policy, the member of the wrong type, the group too small. */
    readonly detail: string;
    /** Every policy that determined the answer, forbids and permits. */
    readonly policies: readonly PolicyRef[];
    readonly errors: readonly string[];
    /** What the catalogue says of the resource: the trusted part. */
    readonly catalogue: JsonObject;
    /** Paths of members that are the requester's claim and were read by the policies (`context.rows`). */
    readonly claims: readonly string[];
    readonly evaluatedAt: Timestamp;
  }
>;

/** Freezes what must happen, until when, and by whose rules. */
export type ReviewOpened = DomainEvent<
  'ReviewOpened',
  {
    readonly requestId: string;
    readonly digest: ActionDigest;
    readonly owner: Owner;
    readonly initiator?: string;
    readonly requirements: readonly Requirement[];
    readonly expiresAt: Timestamp;
    readonly grantTtlMs: number;
    /** Told at once. */
    readonly channels: readonly string[];
    /** Each of two or more channels: the next is told where the one before could not be reached. */
    readonly failover?: readonly (readonly string[])[];
    /** How often it is said again on each channel, until the end; absent: never. */
    readonly remindAfterMs?: number;
    /** The only places where a decision counts; absent: all. */
    readonly decideVia?: readonly DecisionChannel[];
    readonly enforcement: Enforcement;
    readonly risk?: string;
    readonly controls: readonly string[];
    readonly policies: readonly PolicyRef[];
    readonly policySetDigest: string;
    readonly directoryDigest: string;
    readonly openedAt: Timestamp;
  }
>;

/** Where decisions may be made; `api` is whatever brings a token of the person's own, the command line too. */
export const DECISION_CHANNELS = ['api', 'slack', 'teams'] as const;
export type DecisionChannel = (typeof DECISION_CHANNELS)[number];

export interface DecisionVia {
  readonly channel: DecisionChannel;
  readonly issuer?: string;
  readonly sub?: string;
  readonly tenant?: string;
  readonly user?: string;
  /** Of a click: the channel's name of the message, and the version of the card that stood in it. */
  readonly message?: string;
  readonly cardVersion?: number;
  /** Milliseconds that this version stood there before the click. */
  readonly inViewMs?: number;
  /** Whether all of the request was shown before a decision was offered. */
  readonly sawWhole?: boolean;
}

export type DecisionRecorded = DomainEvent<
  'DecisionRecorded',
  {
    readonly requestId: string;
    /** Directory id of the person. */
    readonly approver: string;
    readonly decision: 'approve' | 'deny';
    readonly reason: string;
    readonly digest: ActionDigest;
    /** The person's groups at this moment, read from the directory. */
    readonly groups: readonly string[];
    readonly directoryDigest: string;
    readonly via: DecisionVia;
    readonly decidedAt: Timestamp;
  }
>;

/** The escalation groups may fill the seats from now on. */
export type ReviewEscalated = DomainEvent<
  'ReviewEscalated',
  { readonly requestId: string; readonly groups: readonly string[]; readonly escalatedAt: Timestamp }
>;

export type ReviewApproved = DomainEvent<
  'ReviewApproved',
  {
    readonly requestId: string;
    readonly digest: ActionDigest;
    readonly by: 'policy' | 'quorum';
    /** Persons who were counted; empty where policy alone approved. */
    readonly approvers: readonly string[];
    readonly enforcement: Enforcement;
    /** The principal that redeems: the executor named in the context, else the requester. */
    readonly redeemer: EntityRef;
    readonly approvedAt: Timestamp;
    /** approval + grant_ttl */
    readonly grantExpiresAt: Timestamp;
  }
>;

export type DenialCause = Exclude<EvaluationReason, 'permitted' | 'review_required'> | 'approver_denied';

export type ReviewDenied = DomainEvent<
  'ReviewDenied',
  {
    readonly requestId: string;
    readonly cause: DenialCause;
    readonly detail: string;
    /** The denying person; absent where policy denied. */
    readonly approver?: string;
    readonly deniedAt: Timestamp;
  }
>;

export type ReviewExpired = DomainEvent<
  'ReviewExpired',
  { readonly requestId: string; readonly cause: 'timeout' | 'undeliverable'; readonly expiredAt: Timestamp }
>;

export type ReviewCancelled = DomainEvent<
  'ReviewCancelled',
  { readonly requestId: string; readonly by: EntityRef; readonly cancelledAt: Timestamp }
>;

export type ReviewEvent =
  | PolicyEvaluated
  | ReviewOpened
  | DecisionRecorded
  | ReviewEscalated
  | ReviewApproved
  | ReviewDenied
  | ReviewExpired
  | ReviewCancelled;

/** Of a decision that didn't count, in the order in which the questions are asked; the first that holds answers. */
export const DECISION_REFUSALS = [
  'not_human',
  'not_verified',
  'is_initiator',
  'is_owner',
  'not_in_group',
  'wrong_channel',
  'digest_mismatch',
  'already_decided',
  'review_closed',
  'too_late',
] as const;
export type DecisionRefusal = (typeof DECISION_REFUSALS)[number];

/** On `reviewattempt-<id>`, at most 20. */
export type DecisionRefused = DomainEvent<
  'DecisionRefused',
  {
    readonly requestId: string;
    readonly by: EntityRef;
    readonly decision: 'approve' | 'deny';
    readonly refusal: DecisionRefusal;
    readonly via: DecisionVia;
    readonly refusedAt: Timestamp;
  }
>;

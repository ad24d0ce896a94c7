import type { ActionDigest, ActionName, Enforcement } from '@countersign/domain-action';
import type { Owner } from '@countersign/domain-directory';
import type { DecisionChannel, DecisionRecorded, PolicyRef, Requirement } from '@countersign/domain-review';
import type { RequestStatus } from '@countersign/domain-thread';
import type { EntityRef, Json, JsonObject, Timestamp } from '@countersign/kernel';

/** What the policies read of the requester's own words; without `value` the requester didn't say it. */
export interface CardClaim {
  /** `context.rows`, `resource.properties.size`. */
  readonly path: string;
  readonly value?: Json;
}

export interface CardRequirement extends Requirement {
  /** Groups whose persons may take the seats besides, since an escalation; empty before. */
  readonly alternatives: readonly string[];
}

export type CardDecision = Pick<
  DecisionRecorded['data'],
  'approver' | 'decision' | 'reason' | 'via' | 'decidedAt'
>;

/** How a request came to its status, where that isn't `pending` any more. */
export interface CardOutcome {
  readonly at: Timestamp;
  /** Who brought it about, as people read it: `alice, bob`, `Agent::"etl-bot"`. */
  readonly by?: string;
  /** A code: why it was denied or revoked. */
  readonly cause?: string;
  /** Somebody's words or a rule's sentence. What a redeemer says of its run is its claim. */
  readonly detail?: string;
  readonly exitCode?: number;
  /** Of an approval: when it must be used by. */
  readonly useBefore?: Timestamp;
}

/**
 * What a person must see to decide on a request, whatever the channel. A pointer and never authority: who
 * decides by it names the request and its digest, and the policy service decides what that is worth.
 *
 * Every text in it may be somebody's attack: whoever renders it shows each one as plain text, made
 * `visible`, and cuts nothing without saying so.
 */
export interface ReviewCard {
  readonly requestId: string;
  readonly digest: ActionDigest;
  /** Grows with every change that the card shows, and with nothing else. */
  readonly version: number;
  readonly status: RequestStatus;
  /** Approvals of a development store prove nothing; every channel says so. */
  readonly isDevelopment: boolean;

  /** Authenticated: from the verified token and the directory. */
  readonly requester: EntityRef;
  readonly owner: Owner;
  /** The person whom a verified claim names as acting through the requester. */
  readonly initiator?: string;

  /** What runs, word for word; all of it is bound by the digest. */
  readonly action: ActionName;
  readonly resource: EntityRef;
  readonly command?: readonly string[];
  /** Who redeems and runs, and how far that is enforced. */
  readonly redeemer: EntityRef;
  readonly enforcement: Enforcement;

  /** What the catalogue says of the resource: the trusted part. */
  readonly catalogue: JsonObject;

  /** The requester's own words. Bound by the digest, and verified by nobody. */
  readonly justification: string;
  readonly impact?: string;
  readonly destination?: string;
  /** All else of the context. */
  readonly details: JsonObject;
  readonly requesterProperties: JsonObject;
  readonly resourceProperties: JsonObject;
  readonly claimsRead: readonly CardClaim[];

  readonly policies: readonly PolicyRef[];
  readonly controls: readonly string[];
  readonly risk?: string;
  readonly requirements: readonly CardRequirement[];
  readonly decisions: readonly CardDecision[];
  /** Groups that still lack somebody; empty once the quorum is filled. */
  readonly vacant: readonly string[];
  /** The only places where a decision counts; absent: all. */
  readonly decideVia?: readonly DecisionChannel[];
  readonly requestedAt: Timestamp;
  readonly expiresAt: Timestamp;

  readonly outcome?: CardOutcome;
  /** In development: a person who may decide now, for commands that are copied as they stand. */
  readonly answerAs?: string;
  /** The company's own address of the request, from the settings: nobody else's words. */
  readonly link?: string;
}

import type { Enforcement } from '@countersign/domain-action';
import type { JsonObject } from '@countersign/kernel';
import type { DecisionChannel, EvaluationReason, PolicyRef } from './review-events.ts';

/** What one group must give; durations are relative, the decider turns them into times. */
export interface GroupObligation {
  readonly group: string;
  readonly quorum: number;
  readonly escalation?: { readonly afterMs: number; readonly to: readonly string[] };
}

/** The obligations of all matching permits together; strictest of each. */
export interface Obligations {
  readonly groups: readonly GroupObligation[];
  readonly expiresInMs: number;
  readonly grantTtlMs: number;
  /** Told at once. */
  readonly channels: readonly string[];
  /** Each of two or more channels: the next is told where the one before could not be reached. */
  readonly failover?: readonly (readonly string[])[];
  readonly remindAfterMs?: number;
  /** The only places where a decision counts; empty: the permits leave none. Absent: all. */
  readonly decideVia?: readonly DecisionChannel[];
  readonly controls: readonly string[];
  /** The least enforcement that will do. */
  readonly enforcement: Enforcement;
  readonly risk?: string;
}

interface EvaluationFacts {
  readonly policySetDigest: string;
  readonly directoryDigest: string;
  readonly detail: string;
  readonly policies: readonly PolicyRef[];
  readonly errors: readonly string[];
  readonly catalogue: JsonObject;
  readonly claims: readonly string[];
}

/** The engine's answer (not to be confused with an approver's decision). */
export type Evaluation = EvaluationFacts &
  (
    | { readonly kind: 'permit'; readonly obligations: Obligations }
    | {
        readonly kind: 'deny';
        readonly reason: Exclude<
          EvaluationReason,
          | 'permitted'
          | 'review_required'
          | 'initiator_required'
          | 'unknown_executor'
          | 'enforcement_required'
          | 'no_eligible_quorum'
          | 'no_way_to_decide'
        >;
      }
  );

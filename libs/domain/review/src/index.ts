export {
  DECISION_CHANNELS,
  DECISION_REFUSALS,
  type DecisionChannel,
  type DecisionRecorded,
  type DecisionRefusal,
  type DecisionRefused,
  type DecisionVia,
  type DenialCause,
  type EvaluationReason,
  type PolicyEvaluated,
  type PolicyRef,
  type Requirement,
  type ReviewApproved,
  type ReviewCancelled,
  type ReviewDenied,
  type ReviewEscalated,
  type ReviewEvent,
  type ReviewExpired,
  type ReviewOpened,
} from './review-events.ts';
export type { Evaluation, GroupObligation, Obligations } from './evaluation.ts';
export { cancelReview, type CancellationRefusal, type CancelReview } from './cancel-review.ts';
export { decide as decideReview, type ReviewCommand, type ReviewRefusal } from './decide.ts';
export { deriveQuorum } from './derive-quorum.ts';
export { escalateReview, type EscalateReview } from './escalate-review.ts';
export { evaluateRequest, type EvaluateRequest } from './evaluate-request.ts';
export { expireReview, isPastDeadline, type ExpireReview } from './expire-review.ts';
export type { Permission, PermissionFacts } from './permission.ts';
export { admittedGroups, type Candidate, type Seating } from './quorum.ts';
export { eligibleIn, type Interested } from './eligible.ts';
export { reauthorize, type LapseCause, type Reauthorization, type Reauthorize } from './reauthorize.ts';
export {
  recordDecision,
  standingRefusal,
  type Approver,
  type RecordDecision,
  type Standing,
} from './record-decision.ts';
export {
  evolve as evolveReview,
  foldReview,
  recordOf,
  reviewEvents,
  UNEVALUATED,
  type ApprovedReview,
  type CancelledReview,
  type DeniedReview,
  type EvaluatedReview,
  type ExpiredReview,
  type OpenReview,
  type Review,
  type ReviewRecord,
  type UnevaluatedReview,
} from './review.ts';
export { verifyApproval, type ApprovalStep } from './verify-approval.ts';

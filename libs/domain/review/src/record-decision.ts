import { type ActionDigest, type ActionRequested } from '@countersign/domain-action';
import type { Owner, PrincipalKind } from '@countersign/domain-directory';
import { CodedError, decided, refused, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import { approvalOf } from './approval-of.ts';
import { dueEscalation } from './due-escalation.ts';
import { isOwnerPerson } from './eligible.ts';
import { isPastDeadline } from './expire-review.ts';
import { admittedGroups } from './quorum.ts';
import type {
  DecisionRecorded,
  DecisionRefusal,
  DecisionVia,
  ReviewApproved,
  ReviewDenied,
  ReviewEscalated,
} from './review-events.ts';
import { evolve, notBefore, recordOf, type OpenReview, type Review, type ReviewRecord } from './review.ts';

/** Who wants to decide, by the directory of this moment. */
export interface Approver {
  readonly kind: PrincipalKind;
  /** Directory id, the same for all accounts of one person. */
  readonly id: string;
  readonly verified: boolean;
  readonly groups: readonly string[];
}

/** What is asked before anybody looks at the decision itself. */
export interface Standing {
  readonly request: ActionRequested['data'];
  readonly approver: Approver;
  /** By the directory of now; undefined where it doesn't know the requester any more. */
  readonly ownerNow: Owner | undefined;
  readonly now: Timestamp;
}

export interface RecordDecision extends Standing {
  readonly decision: 'approve' | 'deny';
  /** 1 to 2,000 characters; checked at the edge. */
  readonly reason: string;
  /** Of the action that the person saw. */
  readonly digest: ActionDigest;
  readonly directoryDigest: string;
  readonly via: DecisionVia;
}

type DecisionEvent = ReviewEscalated | DecisionRecorded | ReviewApproved | ReviewDenied;

/** An escalation that is due counts before anybody had the time to append it. */
const escalatedBy = (now: Timestamp, review: Review): readonly [Review, ...ReviewEscalated[]] => {
  const escalation = dueEscalation(now, review);
  return escalation === undefined ? [review] : [evolve(review, escalation), escalation];
};

/**
 * Why this principal may not decide this request at all: the first questions of {@link recordDecision},
 * and what a list of 'reviews you may decide' asks. Undefined: they may.
 */
export const standingRefusal = (
  { request, approver, ownerNow, now }: Standing,
  review: Review,
): DecisionRefusal | undefined => {
  const record = recordOf(escalatedBy(now, review)[0]);
  if (approver.kind !== 'User') return 'not_human';
  if (!approver.verified) return 'not_verified';
  if ([request.subject.properties.initiator, record?.opened.initiator].includes(approver.id))
    return 'is_initiator';
  if (isOwnerPerson(approver.id, [record?.opened.owner, ownerNow])) return 'is_owner';
  return isAdmitted(approver, record) ? undefined : 'not_in_group';
};

/** Where policy alone concluded, nobody's decision was ever asked for. */
const isAdmitted = ({ groups }: Approver, record: ReviewRecord | undefined): boolean =>
  record?.opened.requirements.some((requirement) =>
    admittedGroups(requirement, record.escalatedAt).some((group) => groups.includes(group)),
  ) ?? false;

/**
 * Denials come before allows, in the order of `DECISION_REFUSALS`. The same decision again is `unchanged`,
 * even after the end. A denial ends the review; an approval that fills the last seat approves it, in the
 * same outcome.
 */
export const recordDecision = (
  command: RecordDecision,
  review: Review,
): Outcome<DecisionEvent, DecisionRefusal> => {
  if (review.status === 'unevaluated' || review.status === 'evaluated') {
    throw new CodedError('review_not_evaluated', 'Evaluate the request before recording a decision on it.');
  }
  const standing = standingRefusal(command, review);
  if (standing !== undefined) return refused(standing);
  if (!mayDecideVia(command.via, review.record)) return refused('wrong_channel');
  if (command.digest !== review.evaluation.digest) return refused('digest_mismatch');
  const earlier = review.record?.decisions.find(({ approver }) => approver === command.approver.id);
  if (earlier !== undefined) return isRepeat(command, earlier) ? UNCHANGED : refused('already_decided');
  if (review.status !== 'open') return refused('review_closed');
  const now = notBefore(command.now, review.record);
  if (isPastDeadline(now, review.record.opened)) return refused('too_late');
  return accepted({ ...command, now }, review);
};

const mayDecideVia = ({ channel }: DecisionVia, record: ReviewRecord | undefined): boolean =>
  record?.opened.decideVia?.includes(channel) ?? true;

const isRepeat = (command: RecordDecision, earlier: DecisionRecorded['data']): boolean =>
  command.decision === earlier.decision && command.reason === earlier.reason;

const accepted = (command: RecordDecision, open: OpenReview): Outcome<DecisionEvent, never> => {
  const [review, ...escalation] = escalatedBy(command.now, open);
  const decision = decisionRecorded(command);
  const record = recordOf(evolve(review, decision));
  const conclusion = record === undefined ? undefined : conclusionOf(command, record);
  const [first, ...rest] = [...escalation, decision, ...(conclusion === undefined ? [] : [conclusion])];
  return first === undefined ? UNCHANGED : decided<DecisionEvent>(first, ...rest);
};

const decisionRecorded = (command: RecordDecision): DecisionRecorded => ({
  type: 'DecisionRecorded',
  data: {
    requestId: command.request.requestId,
    approver: command.approver.id,
    decision: command.decision,
    reason: command.reason,
    digest: command.digest,
    groups: command.approver.groups,
    directoryDigest: command.directoryDigest,
    via: command.via,
    decidedAt: command.now,
  },
});

const conclusionOf = (
  command: RecordDecision,
  record: ReviewRecord,
): ReviewApproved | ReviewDenied | undefined => {
  if (command.decision === 'deny') return deniedBy(command);
  return approvalOf(command.request, record, command.now);
};

const deniedBy = ({ request, approver, reason, now }: RecordDecision): ReviewDenied => ({
  type: 'ReviewDenied',
  data: {
    requestId: request.requestId,
    cause: 'approver_denied',
    detail: reason,
    approver: approver.id,
    deniedAt: now,
  },
});

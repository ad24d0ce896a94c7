import {
  actionDigest,
  enforcementOffered,
  redeemerOf,
  type ActionRequested,
} from '@countersign/domain-action';
import { CodedError, plusMs, sameEntity, type Timestamp } from '@countersign/kernel';
import { deriveQuorum } from './derive-quorum.ts';
import { isOwnerPerson } from './eligible.ts';
import { isPastDeadline } from './expire-review.ts';
import type { ReviewEvent } from './review-events.ts';
import { foldReview, type ApprovedReview, type ReviewRecord } from './review.ts';

/** Named in the error's `field`: what an attacker would have had to get past. */
export type ApprovalStep =
  | 'whole_record'
  | 'same_request'
  | 'same_action'
  | 'concluded_by_its_evaluation'
  | 'distinct_approvers'
  | 'no_self_approval'
  | 'no_denial'
  | 'decided_where_allowed'
  | 'in_time'
  | 'quorum'
  | 'redeemer';

const notProven = (step: ApprovalStep, what: string, cause?: unknown): CodedError<'approval_not_proven'> =>
  new CodedError('approval_not_proven', `The approval is not proven: ${what}.`, { field: step, cause });

const prove = (step: ApprovalStep, holds: boolean, what: string): void => {
  if (!holds) throw notProven(step, what);
};

/**
 * Derives again, from the review's whole record and nothing else, that this request is approved. Whoever
 * opens a grant calls it after checking the record's signatures; `approval_not_proven` with the step in
 * `field` otherwise. It trusts no conclusion that stands in the record, only what the conclusion rests on.
 */
export const verifyApproval = (
  request: ActionRequested['data'],
  events: readonly ReviewEvent[],
): ApprovedReview => {
  const review = verifyWholeRecord(events);
  verifySameRequest(request, events);
  verifySameAction(request, events);
  verifyRedeemer(request, review);
  if (review.record === undefined) verifyPolicyApproval(review);
  else verifyQuorumApproval(request, review, review.record, events);
  return review;
};

/** Nothing missing, nothing unknown, nothing after the end: a hidden denial or cancellation would show. */
const verifyWholeRecord = (events: readonly ReviewEvent[]): ApprovedReview => {
  const review = foldOrRefuse(events);
  if (review.status !== 'approved') throw notProven('whole_record', `the review is ${review.status}`);
  return review;
};

const foldOrRefuse = (events: readonly ReviewEvent[]): ReturnType<typeof foldReview> => {
  try {
    return foldReview(events);
  } catch (cause) {
    throw notProven('whole_record', 'its record breaks the rules of a review', cause);
  }
};

/** An approval of another request, copied into this stream. */
const verifySameRequest = ({ requestId }: ActionRequested['data'], events: readonly ReviewEvent[]): void => {
  prove(
    'same_request',
    events.every(({ data }) => data.requestId === requestId),
    'it speaks of another request',
  );
};

/** An action changed after it was shown: request, evaluation, card, decisions and approval bind one digest. */
const verifySameAction = (request: ActionRequested['data'], events: readonly ReviewEvent[]): void => {
  const digests = events.flatMap(({ data }) => ('digest' in data ? [data.digest] : []));
  const bound = actionDigest(request);
  prove(
    'same_action',
    [request.digest, ...digests].every((digest) => digest === bound),
    'it binds another action',
  );
};

/** An approval handed to somebody else, or told as stricter than it is. */
const verifyRedeemer = (request: ActionRequested['data'], { approval }: ApprovedReview): void => {
  const isSame = sameEntity(approval.redeemer, redeemerOf(request));
  prove(
    'redeemer',
    isSame && approval.enforcement === enforcementOffered(request),
    'somebody else would redeem it',
  );
};

/** A review skipped: policy alone approves only what it permitted without obligation. */
const verifyPolicyApproval = ({ evaluation, approval }: ApprovedReview): void => {
  const isByPolicy = approval.by === 'policy' && approval.approvers.length === 0;
  prove(
    'concluded_by_its_evaluation',
    isByPolicy && evaluation.reason === 'permitted',
    'policy asked for a review',
  );
  prove('in_time', evaluation.evaluatedAt <= approval.approvedAt, 'it precedes its evaluation');
};

const verifyQuorumApproval = (
  request: ActionRequested['data'],
  review: ApprovedReview,
  record: ReviewRecord,
  events: readonly ReviewEvent[],
): void => {
  const isByQuorum = review.approval.by === 'quorum' && review.evaluation.reason === 'review_required';
  prove('concluded_by_its_evaluation', isByQuorum, 'no review was asked for');
  verifyDecisions(request, record);
  verifyTimes(review, record, events);
  verifyQuorum(review, record);
};

/** One person heard twice, an owner or initiator among them, or a denial overruled. */
const verifyDecisions = (request: ActionRequested['data'], { opened, decisions }: ReviewRecord): void => {
  const approvers = decisions.map(({ approver }) => approver);
  prove('distinct_approvers', new Set(approvers).size === approvers.length, 'one person decided twice');
  prove(
    'no_denial',
    decisions.every(({ decision }) => decision === 'approve'),
    'somebody denied it',
  );
  const { decideVia } = opened;
  prove(
    'decided_where_allowed',
    decisions.every(({ via }) => decideVia?.includes(via.channel) ?? true),
    'somebody decided where policy takes no decision',
  );
  const { initiator } = request.subject.properties;
  prove('no_self_approval', opened.initiator === initiator, 'it froze another initiator');
  const isOwn = (person: string): boolean => person === initiator || isOwnerPerson(person, [opened.owner]);
  prove('no_self_approval', !approvers.some(isOwn), 'owner or initiator decided it');
};

/** A decision before the opening, after the deadline, or a grant that outlives its policy. */
const verifyTimes = (
  { approval }: ApprovedReview,
  { opened }: ReviewRecord,
  events: readonly ReviewEvent[],
): void => {
  const times = events.map(timeOf);
  prove(
    'in_time',
    times.every((time, index) => (times[index - 1] ?? time) <= time),
    'its times go back',
  );
  prove('in_time', !isPastDeadline(approval.approvedAt, opened), 'it came after the deadline');
  const grantExpiresAt = plusMs(approval.approvedAt, opened.grantTtlMs);
  prove('in_time', approval.grantExpiresAt === grantExpiresAt, 'its grant lives longer than policy allows');
};

const timeOf = (event: ReviewEvent): Timestamp => {
  switch (event.type) {
    case 'PolicyEvaluated':
      return event.data.evaluatedAt;
    case 'ReviewOpened':
      return event.data.openedAt;
    case 'DecisionRecorded':
      return event.data.decidedAt;
    case 'ReviewEscalated':
      return event.data.escalatedAt;
    case 'ReviewApproved':
      return event.data.approvedAt;
    case 'ReviewDenied':
      return event.data.deniedAt;
    case 'ReviewExpired':
      return event.data.expiredAt;
    case 'ReviewCancelled':
      return event.data.cancelledAt;
    default:
      return event satisfies never;
  }
};

/** A conclusion that the decisions don't carry. */
const verifyQuorum = ({ approval }: ApprovedReview, record: ReviewRecord): void => {
  const { isFilled, seated } = deriveQuorum(record);
  prove('quorum', record.opened.requirements.length > 0 && isFilled, 'its seats are not filled');
  const isSame =
    approval.approvers.length === seated.length && seated.every((p) => approval.approvers.includes(p));
  prove('quorum', isSame, 'it names other approvers than those who count');
};

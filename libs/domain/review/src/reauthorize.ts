import { eligibleAmong } from './eligible.ts';
import { permissionOf, type Permission, type PermissionFacts } from './permission.ts';
import { seatCandidates, type Candidate } from './quorum.ts';
import { requirementsOf } from './requirements.ts';
import type { Obligations } from './evaluation.ts';
import type { ApprovedReview, ReviewRecord } from './review.ts';

export interface Reauthorize extends PermissionFacts {
  /** As verified: see verifyApproval. */
  readonly review: ApprovedReview;
}

export type LapseCause =
  'no_longer_permitted' | 'stricter_enforcement' | 'approver_lost_right' | 'more_required';

export type Reauthorization =
  | { readonly authorized: true }
  | { readonly authorized: false; readonly cause: LapseCause; readonly detail: string };

const lapsed = (cause: LapseCause, detail: string): Reauthorization => ({ authorized: false, cause, detail });

/**
 * Asked again just before redemption, with the policy set and directory of that moment: would what was
 * approved still be approved? The persons who were counted have to hold their seats in the frozen
 * requirements and fill those that policy demands now, with the groups that they are in now.
 */
export const reauthorize = (facts: Reauthorize): Reauthorization => {
  const permission = permissionOf(facts);
  if (permission.kind === 'deny') return lapsed(lapseOf(permission.cause), permission.detail);
  const approvers = approversNow(facts, permission);
  const lost = lostApprover(facts.review, approvers);
  if (lost !== undefined) return lapsed('approver_lost_right', lost);
  const missing = missingNow(facts, permission, approvers);
  return missing === undefined ? { authorized: true } : lapsed('more_required', missing);
};

type Permitted = Extract<Permission, { kind: 'permit' }>;

const lapseOf = (cause: string): LapseCause =>
  cause === 'enforcement_required' ? 'stricter_enforcement' : 'no_longer_permitted';

/** The counted approvers who might still decide, with their groups of now. */
const approversNow = (
  { request, directory, review }: Reauthorize,
  { owner }: Permitted,
): readonly Candidate[] =>
  eligibleAmong(review.approval.approvers, directory, {
    owners: [owner, review.record?.opened.owner],
    initiator: request.subject.properties.initiator,
  });

const lostApprover = (
  { approval, record }: ApprovedReview,
  now: readonly Candidate[],
): string | undefined => {
  const lost = approval.approvers.find((approver) => !now.some(({ person }) => person === approver));
  if (lost !== undefined) return `"${lost}", who was counted, may not decide this any more.`;
  if (record === undefined) return undefined;
  const { isFilled, vacant } = seatCandidates(record.opened.requirements, now, record.escalatedAt);
  return isFilled ? undefined : `Somebody who was counted for "${vacant.join('", "')}" has left the group.`;
};

const missingNow = (
  { request, review }: Reauthorize,
  { obligations }: Permitted,
  now: readonly Candidate[],
): string | undefined => {
  const demanded = requirementsOf(obligations, request.requestedAt);
  const { isFilled, vacant } = seatCandidates(
    demanded,
    now.filter(({ person }) => decidedWhere(obligations, review.record, person)),
    review.record?.escalatedAt,
  );
  return isFilled ? undefined : `Policy now asks for more of "${vacant.join('", "')}" than have approved.`;
};

/** Whether policy would take today what this person decided then, where they did. */
const decidedWhere = (
  { decideVia }: Obligations,
  record: ReviewRecord | undefined,
  person: string,
): boolean =>
  record?.decisions.some(
    ({ approver, via }) => approver === person && (decideVia?.includes(via.channel) ?? true),
  ) ?? false;

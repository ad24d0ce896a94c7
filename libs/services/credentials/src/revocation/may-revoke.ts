import { groupsOf, ownerOf, type DirectoryIndex, type Principal } from '@countersign/domain-directory';
import { standingRefusal } from '@countersign/domain-review';
import { mayWithdraw, type Thread } from '@countersign/domain-thread';
import type { Timestamp } from '@countersign/kernel';

/**
 * Who may take an approval back: the owner, whoever was counted for it, and whoever might have decided it.
 * Taking back is the safe direction, so one person is enough.
 */
export const mayRevoke = (
  principal: Principal,
  directory: DirectoryIndex,
  { thread, now }: { readonly thread: Thread; readonly now: Timestamp },
): boolean => {
  if (principal.kind !== 'person' || !principal.verified) return false;
  const { id } = principal.ref;
  return (
    mayWithdraw(principal, directory, thread) ||
    wasCounted(thread, id) ||
    mightDecide(id, directory, thread, now)
  );
};

const wasCounted = ({ review }: Thread, person: string): boolean =>
  review.status === 'approved' && review.approval.approvers.includes(person);

const mightDecide = (
  person: string,
  directory: DirectoryIndex,
  { request, review }: Thread,
  now: Timestamp,
): boolean =>
  standingRefusal(
    {
      request,
      approver: { kind: 'User', id: person, verified: true, groups: groupsOf(directory, person) },
      ownerNow: ownerOf(directory, request.subject),
      now,
    },
    review,
  ) === undefined;

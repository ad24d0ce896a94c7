import {
  groupsOf,
  hasRole,
  ownerOf,
  type DirectoryIndex,
  type Owner,
  type Principal,
} from '@countersign/domain-directory';
import { recordOf } from '@countersign/domain-review';
import { sameEntity } from '@countersign/kernel';
import type { Thread } from './thread.ts';

export const AUDITOR_ROLE = 'auditors';

/** A group that owns is its persons. */
const isOwnedBy = (index: DirectoryIndex, owner: Owner | undefined, person: string): boolean => {
  if (owner === undefined) return false;
  return owner.type === 'User' ? owner.id === person : groupsOf(index, person).includes(owner.id);
};

const owns = (index: DirectoryIndex, thread: Thread, person: string): boolean =>
  [recordOf(thread.review)?.opened.owner, ownerOf(index, thread.request.subject)].some((owner) =>
    isOwnedBy(index, owner, person),
  );

/** In a group that was asked, or would be by escalation, or somebody who has decided. */
const isAsked = (index: DirectoryIndex, thread: Thread, person: string): boolean => {
  const record = recordOf(thread.review);
  if (record === undefined) return false;
  const groups = record.opened.requirements.flatMap(({ group, escalation }) => [
    group,
    ...(escalation?.to ?? []),
  ]);
  return (
    groupsOf(index, person).some((group) => groups.includes(group)) ||
    record.decisions.some(({ approver }) => approver === person)
  );
};

/**
 * Who may see a request: its requester, its owner, those who are asked to decide, auditors. Everybody else
 * is told that it doesn't exist. By the directory of now.
 */
export const mayRead = (principal: Principal, index: DirectoryIndex, thread: Thread): boolean => {
  if (principal.kind === 'requester') return sameEntity(principal.ref, thread.request.subject);
  if (!principal.verified) return false;
  const { id } = principal.ref;
  return hasRole(index, id, AUDITOR_ROLE) || owns(index, thread, id) || isAsked(index, thread, id);
};

/** Who may take a request back: whoever asked, and its owner. */
export const mayWithdraw = (principal: Principal, index: DirectoryIndex, thread: Thread): boolean =>
  principal.kind === 'requester'
    ? sameEntity(principal.ref, thread.request.subject)
    : principal.verified && owns(index, thread, principal.ref.id);

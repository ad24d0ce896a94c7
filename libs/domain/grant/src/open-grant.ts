import type { ActionDigest, ActionRequested, Enforcement } from '@countersign/domain-action';
import type { EntityRef, Timestamp } from '@countersign/kernel';
import type { GrantOpened } from './grant-events.ts';

/** What the verified approval gives; the grant is opened with exactly this. */
export type GrantTerms = Omit<GrantOpened['data'], 'openedAt'>;

/** The part of an approval that a grant rests on (`ReviewApproved` has it). */
export interface ApprovalTerms {
  readonly digest: ActionDigest;
  readonly approvers: readonly string[];
  readonly enforcement: Enforcement;
  readonly redeemer: EntityRef;
  readonly grantExpiresAt: Timestamp;
}

/** A request has at most one grant, which bears its id. Call it only with an approval that was verified. */
export const grantTerms = (
  { requestId, subject }: ActionRequested['data'],
  approval: ApprovalTerms,
): GrantTerms => ({
  grantId: requestId,
  requestId,
  digest: approval.digest,
  requester: { type: subject.type, id: subject.id },
  ...(subject.properties.initiator !== undefined && { initiator: subject.properties.initiator }),
  redeemer: approval.redeemer,
  enforcement: approval.enforcement,
  approvers: approval.approvers,
  expiresAt: approval.grantExpiresAt,
});

export const openGrant = (terms: GrantTerms, now: Timestamp): GrantOpened => ({
  type: 'GrantOpened',
  data: { ...terms, openedAt: now },
});

/** The first instant that is too late is `expiresAt` itself. */
export const isExpired = ({ expiresAt }: { readonly expiresAt: Timestamp }, now: Timestamp): boolean =>
  now >= expiresAt;

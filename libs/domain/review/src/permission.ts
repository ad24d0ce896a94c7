import {
  enforcementOffered,
  enforcesAtLeast,
  executorOf,
  type ActionRequested,
} from '@countersign/domain-action';
import type { Directory, Owner } from '@countersign/domain-directory';
import { formatEntity } from '@countersign/kernel';
import { requesterIn } from './eligible.ts';
import type { Evaluation, Obligations } from './evaluation.ts';
import type { DenialCause } from './review-events.ts';

export interface PermissionFacts {
  readonly request: ActionRequested['data'];
  /** The engine's answer for exactly this request. */
  readonly evaluation: Evaluation;
  /** The directory of the set that answered. */
  readonly directory: Directory;
}

export type Permission =
  | { readonly kind: 'permit'; readonly obligations: Obligations; readonly owner: Owner }
  | {
      readonly kind: 'deny';
      readonly cause: Exclude<DenialCause, 'approver_denied'>;
      readonly detail: string;
    };

/**
 * May this be done at all, and at what price? Denials come first: what policy says, who asks, who would run
 * it, how far it would be enforced. Whether anybody can pay the price is not asked here.
 */
export const permissionOf = ({ request, evaluation, directory }: PermissionFacts): Permission => {
  if (evaluation.kind === 'deny')
    return { kind: 'deny', cause: evaluation.reason, detail: evaluation.detail };
  const { obligations } = evaluation;
  const requester = requesterIn(directory, request.subject);
  if (requester === undefined) {
    return deny('no_matching_permit', `The directory knows no requester ${formatEntity(request.subject)}.`);
  }
  if (requester.owner.type === 'Group' && request.subject.properties.initiator === undefined) {
    return deny(
      'initiator_required',
      `${formatEntity(request.subject)} belongs to a group and names no initiator.`,
    );
  }
  const executor = executorOf(request);
  if (executor !== undefined && requesterIn(directory, executor) === undefined) {
    return deny('unknown_executor', `The directory knows no executor ${formatEntity(executor)}.`);
  }
  const offered = enforcementOffered(request);
  if (!enforcesAtLeast(offered, obligations.enforcement)) {
    return deny(
      'enforcement_required',
      `Policy asks for ${obligations.enforcement}; the request offers ${offered}.`,
    );
  }
  return { kind: 'permit', obligations, owner: requester.owner };
};

const deny = (cause: Exclude<DenialCause, 'approver_denied'>, detail: string): Permission => ({
  kind: 'deny',
  cause,
  detail,
});

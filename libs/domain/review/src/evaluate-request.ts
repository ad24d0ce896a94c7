import { enforcementOffered, redeemerOf, type ActionRequested } from '@countersign/domain-action';
import { decided, plusMs, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import { eligibleIn } from './eligible.ts';
import { permissionOf, type Permission, type PermissionFacts } from './permission.ts';
import { canBeFilled } from './quorum.ts';
import { requirementsOf } from './requirements.ts';
import type {
  DenialCause,
  EvaluationReason,
  PolicyEvaluated,
  Requirement,
  ReviewApproved,
  ReviewDenied,
  ReviewOpened,
} from './review-events.ts';
import type { Review } from './review.ts';

export interface EvaluateRequest extends PermissionFacts {
  readonly now: Timestamp;
}

type EvaluationEvent = PolicyEvaluated | ReviewOpened | ReviewApproved | ReviewDenied;
type Permitted = Extract<Permission, { kind: 'permit' }>;

/** `PolicyEvaluated` and, in the same append, the opening or the end that follows from it. */
export const evaluateRequest = (
  command: EvaluateRequest,
  review: Review,
): Outcome<EvaluationEvent, never> => {
  if (review.status !== 'unevaluated') return UNCHANGED;
  const permission = permissionOf(command);
  if (permission.kind === 'deny') return denied(command, permission.cause, permission.detail);
  const requirements = requirementsOf(permission.obligations, command.request.requestedAt);
  if (requirements.length === 0) {
    return decided<EvaluationEvent>(evaluated(command, 'permitted'), approvedByPolicy(command, permission));
  }
  if (permission.obligations.decideVia?.length === 0) return denied(command, 'no_way_to_decide', NO_WAY);
  const lacking = lackingQuorum(command, permission, requirements);
  if (lacking !== undefined) return denied(command, 'no_eligible_quorum', lacking);
  return decided<EvaluationEvent>(
    evaluated(command, 'review_required'),
    opened(command, permission, requirements),
  );
};

const NO_WAY =
  'The policies that ask for approval name no place in common where it may be given (@decide_via).';

const evaluated = (
  { request, evaluation, now }: EvaluateRequest,
  reason: EvaluationReason,
  detail = evaluation.detail,
): PolicyEvaluated => ({
  type: 'PolicyEvaluated',
  data: {
    requestId: request.requestId,
    digest: request.digest,
    policySetDigest: evaluation.policySetDigest,
    directoryDigest: evaluation.directoryDigest,
    reason,
    detail,
    policies: evaluation.policies,
    errors: evaluation.errors,
    catalogue: evaluation.catalogue,
    claims: evaluation.claims,
    evaluatedAt: now,
  },
});

const denied = (
  command: EvaluateRequest,
  cause: Exclude<DenialCause, 'approver_denied'>,
  detail: string,
): Outcome<EvaluationEvent, never> =>
  decided<EvaluationEvent>(evaluated(command, cause, detail), {
    type: 'ReviewDenied',
    data: { requestId: command.request.requestId, cause, detail, deniedAt: command.now },
  });

const approvedByPolicy = ({ request, now }: EvaluateRequest, { obligations }: Permitted): ReviewApproved => ({
  type: 'ReviewApproved',
  data: {
    requestId: request.requestId,
    digest: request.digest,
    by: 'policy',
    approvers: [],
    enforcement: enforcementOffered(request),
    redeemer: redeemerOf(request),
    approvedAt: now,
    grantExpiresAt: plusMs(now, obligations.grantTtlMs),
  },
});

const opened = (
  { request, evaluation, now }: EvaluateRequest,
  { obligations, owner }: Permitted,
  requirements: readonly Requirement[],
): ReviewOpened => ({
  type: 'ReviewOpened',
  data: {
    requestId: request.requestId,
    digest: request.digest,
    owner,
    ...initiatorPart(request),
    requirements,
    expiresAt: plusMs(request.requestedAt, obligations.expiresInMs),
    grantTtlMs: obligations.grantTtlMs,
    channels: obligations.channels,
    ...(obligations.failover !== undefined && { failover: obligations.failover }),
    ...(obligations.remindAfterMs !== undefined && { remindAfterMs: obligations.remindAfterMs }),
    ...(obligations.decideVia !== undefined && { decideVia: obligations.decideVia }),
    enforcement: enforcementOffered(request),
    ...(obligations.risk !== undefined && { risk: obligations.risk }),
    controls: obligations.controls,
    policies: evaluation.policies,
    policySetDigest: evaluation.policySetDigest,
    directoryDigest: evaluation.directoryDigest,
    openedAt: now,
  },
});

const initiatorPart = ({ subject }: ActionRequested['data']): { readonly initiator?: string } =>
  subject.properties.initiator === undefined ? {} : { initiator: subject.properties.initiator };

/** A sentence that names the groups which nobody can fill, or undefined. */
const lackingQuorum = (
  { request, directory }: EvaluateRequest,
  { owner }: Permitted,
  requirements: readonly Requirement[],
): string | undefined => {
  const groups = requirements.flatMap(({ group, escalation }) => [group, ...(escalation?.to ?? [])]);
  const interested = { owners: [owner], initiator: request.subject.properties.initiator };
  const { isFilled, vacant } = canBeFilled(requirements, eligibleIn(groups, directory, interested));
  if (isFilled) return undefined;
  const wanted = requirements.filter(({ group }) => vacant.includes(group));
  const asked = wanted.map(({ group, quorum }) => `${quorum} of "${group}"`).join(' and ');
  return `Policy asks for ${asked}, apart from owner and initiator; too few may decide.`;
};

import { renderRequest, type AuditCase } from '@countersign/contracts';
import type { ActionRequested } from '@countersign/domain-action';
import { indexDirectory, ownerOf } from '@countersign/domain-directory';
import type { Grant } from '@countersign/domain-grant';
import { recordOf, type DecisionRecorded, type Review } from '@countersign/domain-review';
import type { EntityRef } from '@countersign/kernel';
import type { RequestStreams } from '../record/request-streams.ts';
import type { FoldedStreams } from './fold-streams.ts';
import type { PolicyInForce } from './policy-in-force.ts';

type Story = Omit<AuditCase, 'id' | 'mode' | 'problems' | 'timeline'>;

const ref = ({ type, id }: EntityRef): EntityRef => ({ type, id });

/** Who asked and why, by which rules, who decided or was refused, and what came of it. */
export const tellStory = (folded: FoldedStreams, inForce: PolicyInForce, streams: RequestStreams): Story => {
  const { request, review, grant } = folded;
  const version = streams.request.length + streams.review.length + streams.grant.length;
  const evaluation = tellEvaluation(review, inForce);
  return {
    ...(request && {
      request: renderRequest({ request, review, grant, version }),
      asked: tellAsking(request, folded, inForce, streams),
    }),
    ...(evaluation && { evaluation }),
    decisions: (recordOf(review)?.decisions ?? []).map(tellDecision),
    ...(review.status === 'cancelled' && {
      cancelled: { by: ref(review.cancellation.by), cancelledAt: review.cancellation.cancelledAt },
    }),
    grant: tellGrant(grant),
    refused: tellRefusals(folded),
  };
};

const tellAsking = (
  { subject, context, requestedAt }: ActionRequested['data'],
  { review }: FoldedStreams,
  { set }: PolicyInForce,
  { request: [event] }: RequestStreams,
): AuditCase['asked'] => {
  const ownerThen = set === undefined ? undefined : ownerOf(indexDirectory(set.set.directory), subject);
  const owner = recordOf(review)?.opened.owner ?? ownerThen;
  const { initiator } = subject.properties;
  return {
    by: ref(subject),
    via: { channel: 'unknown', ...event?.metadata.actor.via },
    ...(owner && { owner: ref(owner) }),
    ...(initiator !== undefined && { initiator }),
    justification: context.justification,
    requestedAt,
  };
};

const tellEvaluation = (review: Review, { set, texts }: PolicyInForce): AuditCase['evaluation'] => {
  if (review.status === 'unevaluated') return undefined;
  const { evaluation } = review;
  return {
    reason: evaluation.reason,
    detail: evaluation.detail,
    policies: evaluation.policies.map(({ id, description }) => ({ id, description, ...texts.get(id) })),
    catalogue: evaluation.catalogue,
    claims: [...evaluation.claims],
    errors: [...evaluation.errors],
    policySetDigest: evaluation.policySetDigest,
    directoryDigest: evaluation.directoryDigest,
    ...(set && { activated: { by: ref(set.by), at: set.activatedAt } }),
    evaluatedAt: evaluation.evaluatedAt,
  };
};

const tellDecision = (decision: DecisionRecorded['data']): AuditCase['decisions'][number] => ({
  approver: decision.approver,
  decision: decision.decision,
  reason: decision.reason,
  groups: [...decision.groups],
  via: { ...decision.via },
  decidedAt: decision.decidedAt,
});

const tellGrant = (grant: Grant): AuditCase['grant'] => ({
  ...('redemption' in grant && { redeemed: tellRedemption(grant.redemption) }),
  ...(grant.status === 'revoked' && {
    revoked: {
      by: ref(grant.revocation.by),
      cause: grant.revocation.cause,
      reason: grant.revocation.reason,
      revokedAt: grant.revocation.revokedAt,
    },
  }),
  ...(grant.status === 'reported' && { outcome: tellOutcome(grant.report) }),
});

type Redemption = Extract<Grant, { status: 'redeemed' }>['redemption'];
type Report = Extract<Grant, { status: 'reported' }>['report'];

const tellRedemption = (redemption: Redemption): AuditCase['grant']['redeemed'] => ({
  by: ref(redemption.by),
  enforcement: redemption.enforcement,
  jti: redemption.jti,
  ...(redemption.redemptionId !== undefined && { redemptionId: redemption.redemptionId }),
  policySetDigest: redemption.policySetDigest,
  redeemedAt: redemption.redeemedAt,
});

const tellOutcome = ({ grantId: _grantId, by, ...report }: Report): AuditCase['grant']['outcome'] => ({
  by: ref(by),
  ...report,
});

const tellRefusals = ({ refusedDecisions, refusedRedemptions }: FoldedStreams): AuditCase['refused'] => [
  ...refusedDecisions.map(({ data }) => ({
    attempt: data.decision,
    by: ref(data.by),
    refusal: data.refusal,
    via: { ...data.via },
    refusedAt: data.refusedAt,
  })),
  ...refusedRedemptions.map(({ data }) => ({
    attempt: 'redeem' as const,
    by: ref(data.by),
    refusal: data.refusal,
    refusedAt: data.refusedAt,
  })),
];

import { enforcementOffered } from '@countersign/domain-action';
import type { Grant } from '@countersign/domain-grant';
import { recordOf, type DecisionRecorded, type Review, type ReviewRecord } from '@countersign/domain-review';
import { statusOf, type Thread } from '@countersign/domain-thread';
import type { z } from 'zod';
import type { decisionEntry, grantView, RequestView, reviewView } from './requests.ts';

type ReviewView = z.infer<typeof reviewView>;
type GrantView = z.infer<typeof grantView>;

/** A request as API, CLI and lists show it, from its streams and nothing else. */
export const renderRequest = (thread: Thread): RequestView => {
  const { request } = thread;
  const review = renderReview(thread.review);
  const grant = renderGrant(thread);
  return {
    id: request.requestId,
    version: thread.version,
    status: statusOf(thread),
    digest: request.digest,
    subject: request.subject,
    action: request.action,
    resource: request.resource,
    context: request.context,
    requestedAt: request.requestedAt,
    enforcement: enforcementOffered(request),
    ...(review && { review }),
    ...(grant && { grant }),
  };
};

const renderReview = (review: Review): ReviewView | undefined => {
  if (review.status === 'unevaluated' || review.status === 'evaluated') return undefined;
  const { policies, policySetDigest } = review.evaluation;
  return {
    state: review.status,
    ...endOf(review),
    policies: [...policies],
    policySetDigest,
    approvers: review.status === 'approved' ? [...review.approval.approvers] : [],
    ...renderRecord(recordOf(review)),
  };
};

const endOf = (review: Review): Pick<ReviewView, 'code' | 'detail'> => {
  if (review.status === 'denied') return { code: review.denial.cause, detail: review.denial.detail };
  return review.status === 'expired' ? { code: review.expiry.cause } : {};
};

type RecordView = Pick<
  ReviewView,
  'requirements' | 'decisions' | 'controls' | 'decideVia' | 'risk' | 'openedAt' | 'expiresAt'
>;

const renderRecord = (record: ReviewRecord | undefined): RecordView => {
  if (record === undefined) return { requirements: [], decisions: [], controls: [] };
  const { opened, decisions } = record;
  return {
    requirements: renderRequirements(record),
    decisions: decisions.map(renderDecision),
    controls: [...opened.controls],
    ...(opened.decideVia !== undefined && { decideVia: [...opened.decideVia] }),
    ...(opened.risk !== undefined && { risk: opened.risk }),
    openedAt: opened.openedAt,
    expiresAt: opened.expiresAt,
  };
};

const renderRequirements = ({ opened, escalatedAt }: ReviewRecord): ReviewView['requirements'] =>
  opened.requirements.map(({ group, quorum, escalation }) => {
    const isEscalated =
      escalation !== undefined && escalatedAt !== undefined && escalation.after <= escalatedAt;
    return { group, quorum, alternatives: isEscalated ? [...escalation.to] : [] };
  });

const renderDecision = ({
  approver,
  decision,
  reason,
  decidedAt,
  via,
}: DecisionRecorded['data']): z.infer<typeof decisionEntry> => ({
  approver,
  decision,
  reason,
  decidedAt,
  channel: via.channel,
});

/** Before anybody claims it, an approval is a grant that is there to be claimed. */
const renderGrant = ({ request, review, grant }: Thread): GrantView | undefined => {
  if (review.status !== 'approved') return undefined;
  const { redeemer, grantExpiresAt } = review.approval;
  return {
    grantId: grant.status === 'unopened' ? request.requestId : grant.opened.grantId,
    state: grantState(grant),
    redeemer: { type: redeemer.type, id: redeemer.id },
    expiresAt: grantExpiresAt,
    ...(grant.status === 'revoked' && { code: grant.revocation.cause }),
    ...('redemption' in grant && { redeemedAt: grant.redemption.redeemedAt }),
    ...(grant.status === 'reported' && { outcome: renderOutcome(grant.report) }),
  };
};

const grantState = (grant: Grant): GrantView['state'] => {
  if (grant.status === 'unopened') return 'available';
  if (grant.status === 'open') return grant.token === undefined ? 'available' : 'issued';
  return grant.status;
};

const renderOutcome = ({
  status,
  exitCode,
  summary,
  outputDigest,
  late,
  reportedAt,
}: Extract<Grant, { status: 'reported' }>['report']): NonNullable<GrantView['outcome']> => ({
  status,
  ...(exitCode !== undefined && { exitCode }),
  ...(summary !== undefined && { summary }),
  ...(outputDigest !== undefined && { outputDigest }),
  late,
  reportedAt,
});

import {
  claimGrant,
  expireGrant,
  foldGrant,
  grantTerms,
  markUnreported,
  redeemGrant,
  reportExecution,
  revokeGrant,
  type Grant,
  type GrantEvent,
  type GrantTerms,
} from '@countersign/domain-grant';
import {
  cancelReview,
  escalateReview,
  expireReview,
  foldReview,
  reauthorize,
  recordDecision,
  verifyApproval,
  type ApprovedReview,
  type Review,
  type ReviewEvent,
} from '@countersign/domain-review';
import type { Outcome } from '@countersign/kernel';
import { at, DIRECTORY, FORBIDS, groupsOf, OWNED_BY, permits, REQUEST, REQUESTER } from './real-facts.ts';
import { BOT, SUSPENDED, type Command, type Scenario } from './scenario.ts';

export interface RealLog {
  readonly review: readonly ReviewEvent[];
  readonly grant: readonly GrantEvent[];
}

export interface Moment {
  readonly scenario: Scenario;
  readonly minute: number;
  readonly lapsed: boolean;
}

/** What the real deciders make of a command. */
export type RealVerdict =
  | { readonly kind: 'answers'; readonly answer: string }
  | { readonly kind: 'review'; readonly events: readonly ReviewEvent[]; readonly answer: string }
  | { readonly kind: 'grant'; readonly events: readonly GrantEvent[]; readonly answer: string };

interface Loaded extends Moment {
  readonly review: Review;
  readonly grant: Grant;
  /** The proven approval; undefined where the review isn't approved. */
  readonly approved: ApprovedReview | undefined;
}

const answers = (answer: string): RealVerdict => ({ kind: 'answers', answer });

const onReview = (outcome: Outcome<ReviewEvent, string>, answer: string): RealVerdict => {
  if (outcome.kind === 'refused') return answers(outcome.refusal);
  return outcome.kind === 'unchanged' ? answers(answer) : { kind: 'review', events: outcome.events, answer };
};

const onGrant = (outcome: Outcome<GrantEvent, string>, answer: string): RealVerdict => {
  if (outcome.kind === 'refused') return answers(outcome.refusal);
  return outcome.kind === 'unchanged' ? answers(answer) : { kind: 'grant', events: outcome.events, answer };
};

/** Whoever is told "too late" finds it ended: as the use cases do it. */
const endedAs = (verdict: RealVerdict, tooLate: string, end: () => RealVerdict): RealVerdict => {
  if (verdict.kind !== 'answers' || verdict.answer !== tooLate) return verdict;
  return { ...end(), answer: tooLate };
};

const decides = (loaded: Loaded, { does, by, seen }: Extract<Command, { by: string }>): RealVerdict => {
  const outcome = recordDecision(
    {
      request: REQUEST,
      approver: {
        kind: by === BOT ? 'Agent' : 'User',
        id: by,
        verified: by !== SUSPENDED,
        groups: groupsOf(by),
      },
      ownerNow: OWNED_BY,
      decision: does,
      reason: does,
      digest: seen === 'another' ? 'another' : REQUEST.digest,
      directoryDigest: 'directory-1',
      via: { channel: 'api' },
      now: at(loaded.minute),
    },
    loaded.review,
  );
  return endedAs(onReview(outcome, 'recorded'), 'too_late', () => keepsReview(loaded));
};

const cancels = ({ review, minute }: Loaded): RealVerdict =>
  onReview(
    cancelReview(
      { by: REQUESTER, groups: [], requester: REQUESTER, ownerNow: OWNED_BY, now: at(minute) },
      review,
    ),
    'cancelled',
  );

const keepsReview = ({ review, minute }: Loaded): RealVerdict => {
  const now = at(minute);
  const expiry = expireReview({ cause: 'timeout', now }, review);
  return onReview(
    expiry.kind === 'decided' ? expiry : escalateReview({ request: REQUEST, now }, review),
    'done',
  );
};

const termsOf = ({ approved }: Loaded): GrantTerms | undefined =>
  approved && grantTerms(REQUEST, approved.approval);

const claims = (loaded: Loaded): RealVerdict => {
  const terms = termsOf(loaded);
  if (terms === undefined) return answers('not_approved');
  const outcome = claimGrant({ by: REQUESTER, terms, jti: 'jti', now: at(loaded.minute) }, loaded.grant);
  return endedAs(onGrant(outcome, 'claimed'), 'grant_expired', () => keepsGrant(loaded));
};

const revokes = (loaded: Loaded, cause: 'revoked' | 'cancelled'): RealVerdict => {
  const terms = termsOf(loaded);
  if (terms === undefined) return answers('not_approved');
  const command = { terms, cause, by: OWNED_BY, reason: cause, now: at(loaded.minute) };
  return onGrant(revokeGrant(command, loaded.grant), 'revoked');
};

const mayStillRun = ({ scenario, lapsed, approved }: Loaded): boolean =>
  approved !== undefined &&
  reauthorize({
    request: REQUEST,
    evaluation: lapsed ? FORBIDS : permits(scenario),
    directory: DIRECTORY,
    review: approved,
  }).authorized;

const redeems = (loaded: Loaded, redemptionId: string): RealVerdict => {
  const now = at(loaded.minute);
  const sets = { policySetDigest: 'set-1', directoryDigest: 'directory-1' };
  const acting = { by: REQUESTER, initiator: REQUEST.subject.properties.initiator, ...sets };
  const outcome = redeemGrant(
    { ...acting, digest: REQUEST.digest, jti: 'jti', redemptionId, now },
    loaded.grant,
  );
  const terms = termsOf(loaded);
  if (outcome.kind === 'decided' && terms !== undefined && !mayStillRun(loaded)) {
    const lapse = { terms, cause: 'authorization_lapsed', by: REQUESTER, reason: 'lapsed', now } as const;
    return onGrant(revokeGrant(lapse, loaded.grant), 'grant_revoked');
  }
  return endedAs(onGrant(outcome, 'redeemed'), 'grant_expired', () => keepsGrant(loaded));
};

const keepsGrant = (loaded: Loaded): RealVerdict => {
  const terms = termsOf(loaded);
  if (terms === undefined) return answers('done');
  const now = at(loaded.minute);
  const expiry = expireGrant({ terms, now }, loaded.grant);
  return onGrant(expiry.kind === 'decided' ? expiry : markUnreported({ now }, loaded.grant), 'done');
};

const reports = ({ grant, minute }: Loaded, status: 'succeeded' | 'failed'): RealVerdict => {
  const acting = { by: REQUESTER, initiator: REQUEST.subject.properties.initiator };
  return onGrant(reportExecution({ ...acting, outcome: { status }, now: at(minute) }, grant), 'reported');
};

/** As a service does it: the streams are folded, an approval is proven, then the decider is asked. */
export const decideReally = (moment: Moment, log: RealLog, command: Command): RealVerdict => {
  const review = foldReview(log.review);
  const approved = review.status === 'approved' ? verifyApproval(REQUEST, log.review) : undefined;
  const loaded = { ...moment, review, approved, grant: foldGrant(log.grant) };
  switch (command.does) {
    case 'approve':
    case 'deny':
      return decides(loaded, command);
    case 'cancel':
      return cancels(loaded);
    case 'keep the review':
      return keepsReview(loaded);
    case 'claim':
      return claims(loaded);
    case 'revoke':
      return revokes(loaded, command.cause);
    case 'redeem':
      return redeems(loaded, command.redemptionId);
    case 'keep the grant':
      return keepsGrant(loaded);
    case 'report':
      return reports(loaded, command.status);
    default:
      return command satisfies never;
  }
};

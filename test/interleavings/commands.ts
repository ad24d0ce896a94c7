import { bindAction, type ActionRequested } from '@countersign/domain-action';
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
  expireReview,
  foldReview,
  recordDecision,
  verifyApproval,
  type ReviewEvent,
} from '@countersign/domain-review';
import { plusMs, type DomainEvent, type Outcome, type Timestamp } from '@countersign/kernel';

/** What a replica has read, perhaps long ago. */
export interface Loaded {
  readonly review: readonly ReviewEvent[];
  readonly grant: readonly GrantEvent[];
}

/** What a replica wants to append, at the revision that it has read. */
export interface Intent {
  readonly category: keyof Loaded;
  readonly outcome: Outcome<DomainEvent, string>;
}

export type Command = (loaded: Loaded) => Intent | undefined;

const MINUTE = 60_000;
const REQUESTED_AT = '2026-11-20T10:00:00.000Z';
const BOT = { type: 'Agent', id: 'etl-bot' };
const CAROL = { type: 'User', id: 'carol' } as const;

const { action, digest } = bindAction(
  { ...BOT, properties: {} },
  {
    action: { name: 'data.export', properties: {} },
    resource: { type: 'Dataset', id: 'customers', properties: {} },
    context: { justification: 'Quarterly report' },
  },
);
export const REQUEST: ActionRequested['data'] = {
  ...action,
  requestId: '8b006d2b-1671-56f8-ab06-368a741ce10a',
  digest,
  requestedAt: REQUESTED_AT,
};

type At = (minutes: number) => Timestamp;

const decides =
  (at: At, person: string, decision: 'approve' | 'deny', minutes: number): Command =>
  ({ review }) => ({
    category: 'review',
    outcome: recordDecision(
      {
        request: REQUEST,
        approver: { kind: 'User', id: person, verified: true, groups: ['data-owners'] },
        ownerNow: CAROL,
        decision,
        reason: decision,
        digest,
        directoryDigest: 'directory-1',
        via: { channel: 'api' },
        now: at(minutes),
      },
      foldReview(review),
    ),
  });

/** As credentials does it: nothing happens to a grant before its review is proven. */
const onGrant =
  (decide: (terms: GrantTerms, grant: Grant) => Outcome<GrantEvent, string>): Command =>
  ({ review, grant }) => {
    if (foldReview(review).status !== 'approved') return undefined;
    const terms = grantTerms(REQUEST, verifyApproval(REQUEST, review).approval);
    return { category: 'grant', outcome: decide(terms, foldGrant(grant)) };
  };

const cancels =
  (at: At): Command =>
  (loaded) => {
    const command = { by: CAROL, groups: [], requester: BOT, ownerNow: CAROL, now: at(3) };
    const outcome = cancelReview(command, foldReview(loaded.review));
    const isTooLate = outcome.kind === 'refused' && outcome.refusal === 'review_closed';
    return isTooLate ? revokes(at, 'cancelled')(loaded) : { category: 'review', outcome };
  };

const revokes = (at: At, cause: 'revoked' | 'cancelled'): Command =>
  onGrant((terms, grant) => revokeGrant({ terms, cause, by: CAROL, reason: cause, now: at(4) }, grant));

/** A token is a claim that somebody holds: it can be spent whatever its bearer knows of the grant by now. */
const redeems = (at: At, replica: string): Command =>
  onGrant((_, grant) => {
    const jti = grant.status === 'unopened' ? undefined : grant.token?.jti;
    if (jti === undefined) return { kind: 'unchanged' };
    const evaluated = { policySetDigest: 'set-1', directoryDigest: 'directory-1' };
    return redeemGrant({ by: BOT, digest, jti, redemptionId: replica, ...evaluated, now: at(5) }, grant);
  });

/**
 * All that one replica may be asked to do, each at the time when it usually would be by its own clock. The
 * exploration pays no heed to these times: an expiry may come before a claim that is an hour older.
 */
export const commandsOf = (replica: string, clockLagMs: number): Readonly<Record<string, Command>> => {
  const at: At = (minutes) => plusMs(REQUESTED_AT, minutes * MINUTE - clockLagMs);
  return {
    'alice approves': decides(at, 'alice', 'approve', 1),
    'bob approves': decides(at, 'bob', 'approve', 2),
    'bob denies': decides(at, 'bob', 'deny', 2),
    cancels: cancels(at),
    'expires the review': ({ review }) => ({
      category: 'review',
      outcome: expireReview({ cause: 'timeout', now: at(65) }, foldReview(review)),
    }),
    claims: onGrant((terms, grant) =>
      claimGrant({ by: BOT, terms, jti: `jti-${replica}`, now: at(4) }, grant),
    ),
    revokes: revokes(at, 'revoked'),
    redeems: redeems(at, replica),
    'expires the grant': onGrant((terms, grant) => expireGrant({ terms, now: at(12) }, grant)),
    reports: onGrant((_, grant) =>
      reportExecution({ by: BOT, outcome: { status: 'succeeded' }, now: at(6) }, grant),
    ),
    'marks unreported': onGrant((_, grant) => markUnreported({ now: at(2_000) }, grant)),
  };
};

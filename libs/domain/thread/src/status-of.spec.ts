import {
  decideGrant,
  foldGrant,
  grantTerms,
  type GrantCommand,
  type GrantEvent,
} from '@countersign/domain-grant';
import type { ReviewEvent } from '@countersign/domain-review';
import { describe, expect, it } from 'vitest';
import { isSettled, isTerminal, REQUEST_STATUSES, type RequestStatus } from './status.ts';
import { statusOf } from './status-of.ts';
import { foldThread } from './thread.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const LATE = '2026-11-22T10:00:00.000Z';
const BOT = { type: 'Agent', id: 'etl-bot' };
const REQUEST = {
  requestId: 'r-1',
  digest: 'digest-1',
  requestedAt: NOW,
  subject: { ...BOT, properties: {} },
  action: { name: 'data.export', properties: {} },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'Quarterly report' },
};
const TERMS = grantTerms(REQUEST, {
  digest: 'digest-1',
  approvers: ['alice'],
  enforcement: 'advisory',
  redeemer: BOT,
  grantExpiresAt: '2026-11-20T10:05:00.000Z',
});

const review = (type: ReviewEvent['type'], data: object = {}): ReviewEvent => ({ type, data }) as ReviewEvent;
const EVALUATED = review('PolicyEvaluated');
const OPEN = [EVALUATED, review('ReviewOpened')];
const APPROVED = [...OPEN, review('DecisionRecorded'), review('ReviewApproved')];

const grant = (...commands: readonly GrantCommand[]): readonly GrantEvent[] => {
  const events: GrantEvent[] = [];
  for (const command of commands) {
    const outcome = decideGrant(command, foldGrant(events));
    if (outcome.kind === 'decided') events.push(...outcome.events);
  }
  return events;
};
const claim: GrantCommand = { type: 'ClaimGrant', by: BOT, terms: TERMS, jti: 'j', now: NOW };
const redeem: GrantCommand = {
  type: 'RedeemGrant',
  by: BOT,
  digest: 'digest-1',
  jti: 'j',
  policySetDigest: 's',
  directoryDigest: 'd',
  now: NOW,
};
const revoke = (cause: 'revoked' | 'cancelled' | 'authorization_lapsed'): GrantCommand => ({
  type: 'RevokeGrant',
  terms: TERMS,
  cause,
  by: BOT,
  reason: 'no longer needed',
  now: NOW,
});
const expire: GrantCommand = { type: 'ExpireGrant', terms: TERMS, now: LATE };
const unreported: GrantCommand = { type: 'MarkUnreported', now: LATE };
const report = (status: 'succeeded' | 'failed'): GrantCommand => ({
  type: 'ReportExecution',
  by: BOT,
  outcome: { status },
  now: LATE,
});

type Row = readonly [RequestStatus, string, readonly ReviewEvent[], readonly GrantEvent[]];
const ROWS: readonly Row[] = [
  ['received', 'asked, nothing else', [], []],
  ['pending', 'a review is open', OPEN, []],
  ['approved', 'approved, not claimed', APPROVED, []],
  ['approved', 'approved by policy alone', [EVALUATED, review('ReviewApproved')], []],
  ['approved', 'claimed', APPROVED, grant(claim)],
  ['denied', 'denied by policy', [EVALUATED, review('ReviewDenied')], []],
  ['denied', 'denied by a person', [...OPEN, review('DecisionRecorded'), review('ReviewDenied')], []],
  ['expired', 'nobody decided in time', [...OPEN, review('ReviewExpired', { cause: 'timeout' })], []],
  [
    'undeliverable',
    'nobody could be told',
    [...OPEN, review('ReviewExpired', { cause: 'undeliverable' })],
    [],
  ],
  ['cancelled', 'taken back before the end', [...OPEN, review('ReviewCancelled')], []],
  ['redeemed', 'spent, nothing said yet', APPROVED, grant(claim, redeem)],
  ['succeeded', 'reported', APPROVED, grant(claim, redeem, report('succeeded'))],
  ['failed', 'reported as failed', APPROVED, grant(claim, redeem, report('failed'))],
  ['unreported', 'nothing was said', APPROVED, grant(claim, redeem, unreported)],
  ['succeeded', 'said late', APPROVED, grant(claim, redeem, unreported, report('succeeded'))],
  ['failed', 'said late', APPROVED, grant(claim, redeem, unreported, report('failed'))],
  ['revoked', 'revoked before the claim', APPROVED, grant(revoke('revoked'))],
  ['revoked', 'cancelled after the approval', APPROVED, grant(claim, revoke('cancelled'))],
  ['revoked', 'the authorization lapsed', APPROVED, grant(claim, revoke('authorization_lapsed'))],
  ['grant_expired', 'claimed, not redeemed', APPROVED, grant(claim, expire)],
  ['grant_expired', 'never claimed', APPROVED, grant(expire)],
  ['pending', 'a grant without an approval means nothing', OPEN, grant(claim, redeem)],
];

describe('the one status of a request', () => {
  it.each(ROWS)('%s: %s', (expected, _, reviewed, granted) => {
    expect(statusOf(foldThread({ request: REQUEST, review: reviewed, grant: granted }))).toBe(expected);
  });

  it('can be each of the list', () => {
    expect(new Set(ROWS.map(([status]) => status))).toEqual(new Set(REQUEST_STATUSES));
  });

  it('counts every event of the three streams as its version', () => {
    expect(foldThread({ request: REQUEST, review: [], grant: [] }).version).toBe(1);
    expect(foldThread({ request: REQUEST, review: APPROVED, grant: grant(claim) }).version).toBe(7);
  });

  it('is settled when the question is answered, terminal when nothing is left to do', () => {
    expect(REQUEST_STATUSES.filter((status) => !isSettled(status))).toEqual(['received', 'pending']);
    expect(REQUEST_STATUSES.filter((status) => !isTerminal(status))).toEqual([
      'received',
      'pending',
      'approved',
      'redeemed',
    ]);
  });
});

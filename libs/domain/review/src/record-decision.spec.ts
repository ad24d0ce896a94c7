import { hasCode } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { recordDecision, type RecordDecision } from './record-decision.ts';
import { DECISION_REFUSALS } from './review-events.ts';
import { UNEVALUATED } from './review.ts';
import {
  ACME,
  at,
  directoryOf,
  groupsOf,
  HOUR,
  MINUTE,
  opened,
  permit,
  requestOf,
  ReviewStage,
} from './spec-helpers.ts';

const CAROLS = { type: 'User', id: 'carol' } as const;

describe('dramas: who says what, and where it ends', () => {
  const groups = { a: ['ann', 'abe'], b: ['ben', 'bea'], both: ['x'] };
  it.each<[string, readonly string[], readonly string[], string]>([
    ['one approval is enough for one seat', ['a'], ['ann+'], 'approved'],
    ['one of two is not enough', ['a:2'], ['ann+'], 'open'],
    ['two persons make a quorum of two', ['a:2'], ['ann+', 'abe+'], 'approved'],
    ['one person twice stays one person', ['a:2'], ['ann+', 'ann+'], 'open'],
    ['veto: one denial ends it', ['a:2'], ['ann+', 'abe-'], 'denied'],
    ['veto first: nobody can overrule', ['a'], ['ann-', 'abe+'], 'denied'],
    ['two groups each want their own', ['a', 'b'], ['ann+', 'abe+'], 'open'],
    ['two groups, one of each', ['a', 'b'], ['ann+', 'bea+'], 'approved'],
    ['the second group may come first', ['a', 'b'], ['bea+', 'ann+'], 'approved'],
    ['coup: the owner approves their own', ['a'], ['owner+'], 'open'],
    ['populist: a crowd without seats', ['a'], ['ben+', 'bea+', 'x+'], 'open'],
    ['a change of mind counts the first', ['a:2'], ['ann+', 'ann-', 'abe+'], 'approved'],
    ['after the end nobody adds anything', ['a'], ['ann+', 'abe-'], 'approved'],
  ])('%s', (_, requirements, lines, expected) => {
    const directory = directoryOf({
      groups: { ...groups, a: [...groups.a, 'owner'] },
      owner: { type: 'User', id: 'owner' },
    });
    const stage = opened(permit(groupsOf(...requirements)), directory);
    for (const line of lines) stage.says(line.slice(0, -1), line.endsWith('+') ? 'approve' : 'deny');
    expect(stage.review.status).toBe(expected);
  });

  it('one person in both groups fills one seat, and gives way to the seat only they can fill', () => {
    const directory = directoryOf({ groups: { a: ['x', 'ann'], b: ['x'] }, owner: CAROLS });
    const stage = opened(permit(groupsOf('a', 'b')), directory);
    expect(stage.says('x', 'approve')).toBe('DecisionRecorded');
    expect(stage.says('ann', 'approve')).toBe('DecisionRecorded ReviewApproved');
  });
});

describe('refusals', () => {
  const closedByAlice = (): ReviewStage => {
    const stage = opened(permit(groupsOf('data-owners')));
    stage.says('alice', 'approve');
    return stage;
  };
  const stranger: Partial<RecordDecision> = {
    approver: { kind: 'User', id: 'zoe', verified: true, groups: [] },
  };
  const initiated = requestOf({ initiator: 'alice' });

  it.each<[(typeof DECISION_REFUSALS)[number], string, Partial<RecordDecision>]>([
    [
      'not_human',
      'alice',
      { approver: { kind: 'Agent', id: 'alice', verified: true, groups: ['data-owners'] } },
    ],
    [
      'not_verified',
      'alice',
      { approver: { kind: 'User', id: 'alice', verified: false, groups: ['data-owners'] } },
    ],
    ['is_initiator', 'alice', { request: initiated, digest: 'other' }],
    ['is_owner', 'carol', {}],
    ['is_owner', 'alice', { ownerNow: { type: 'User', id: 'alice' } }],
    ['not_in_group', 'zoe', stranger],
    ['digest_mismatch', 'alice', { digest: 'other' }],
    ['too_late', 'alice', { now: at(HOUR) }],
  ])('%s: %s is refused', (refusal, person, change) => {
    expect(opened(permit(groupsOf('data-owners'))).says(person, 'approve', change)).toBe(
      `refused ${refusal}`,
    );
  });

  it('already_decided: the same person with another decision or another reason', () => {
    const stage = opened(permit(groupsOf('data-owners:2')));
    stage.says('alice', 'approve');
    expect(stage.says('alice', 'deny', { reason: 'approve it' })).toBe('refused already_decided');
    expect(stage.says('alice', 'approve', { reason: 'for another reason' })).toBe('refused already_decided');
  });

  it('review_closed: after the end, also past the deadline', () => {
    expect(closedByAlice().says('bob', 'deny')).toBe('refused review_closed');
    expect(closedByAlice().says('bob', 'deny', { now: at(2 * HOUR) })).toBe('refused review_closed');
  });

  it('is repeated the same decision: unchanged, even after the end', () => {
    const stage = closedByAlice();
    expect(stage.says('alice', 'approve', { now: at(2 * HOUR) })).toBe('unchanged');
  });

  it('come in the order of the list: each is answered before all that follow', () => {
    const { request } = new ReviewStage(ACME, requestOf({ initiator: 'mallory' }));
    const stage = opened(permit(groupsOf('data-owners'), { decideVia: ['api'] }), ACME, request);
    stage.says('alice', 'approve');
    const late = { digest: 'other', now: at(2 * HOUR) };
    const slack: Partial<RecordDecision> = { via: { channel: 'slack' } };
    const who = (id: string, kind: 'User' | 'Agent', verified: boolean): Partial<RecordDecision> => ({
      ...late,
      ...slack,
      ownerNow: { type: 'User', id: 'mallory' },
      approver: { kind, id, verified, groups: [] },
    });
    const inGroup = { kind: 'User', id: 'alice', verified: true, groups: ['data-owners'] } as const;
    expect([
      stage.says('', 'deny', who('mallory', 'Agent', false)),
      stage.says('', 'deny', who('mallory', 'User', false)),
      stage.says('', 'deny', who('mallory', 'User', true)),
      stage.says('', 'deny', who('carol', 'User', true)),
      stage.says('', 'deny', who('alice', 'User', true)),
      stage.says('', 'deny', { ...late, ...slack, approver: inGroup }),
      stage.says('', 'deny', { ...late, approver: inGroup }),
      stage.says('', 'deny', { now: late.now, approver: inGroup }),
      stage.says('', 'deny', { now: late.now, approver: { ...inGroup, id: 'bob' } }),
      opened(permit(groupsOf('data-owners'))).says('bob', 'deny', { now: late.now }),
    ]).toEqual(DECISION_REFUSALS.map((refusal) => `refused ${refusal}`));
  });

  it('wrong_channel: a decision counts only where every policy takes one, and anywhere where none says so', () => {
    const via = (channel: 'api' | 'slack' | 'teams') => ({ via: { channel } });
    const stage = opened(permit(groupsOf('data-owners:2'), { decideVia: ['slack', 'teams'] }));
    expect(stage.says('alice', 'approve', via('api'))).toBe('refused wrong_channel');
    expect(stage.says('alice', 'approve', via('teams'))).toBe('DecisionRecorded');
    expect(stage.says('bob', 'approve', via('slack'))).toBe('DecisionRecorded ReviewApproved');
    expect(opened(permit(groupsOf('data-owners'))).says('bob', 'deny', via('slack'))).toBe(
      'DecisionRecorded ReviewDenied',
    );
  });

  it('not_in_group: nobody decides what policy alone decided', () => {
    expect(opened(permit([])).says('alice', 'deny')).toBe('refused not_in_group');
  });

  it('throws where the request was never evaluated: that is the caller’s order, not a person’s fault', () => {
    const command = opened(permit(groupsOf('data-owners'))).command('alice', 'approve');
    const attempt = (): unknown => recordDecision(command, UNEVALUATED);
    expect(attempt).toThrow(expect.toSatisfy((error) => hasCode(error, 'review_not_evaluated')));
  });
});

describe('an approval', () => {
  it('names who was counted, who redeems, and until when the grant lives', () => {
    const stage = opened(
      permit(groupsOf('data-owners')),
      ACME,
      requestOf({ executor: { type: 'Service', id: 'gateway' } }),
    );
    stage.says('alice', 'approve');
    expect(stage.events.at(-1)).toMatchObject({
      type: 'ReviewApproved',
      data: {
        by: 'quorum',
        approvers: ['alice'],
        enforcement: 'guarded',
        redeemer: { type: 'Service', id: 'gateway' },
        approvedAt: at(MINUTE),
        grantExpiresAt: at(6 * MINUTE),
      },
    });
  });

  it('never precedes what the record holds, though the deciding replica’s clock lags', () => {
    const stage = opened(permit(groupsOf('data-owners:2')));
    stage.says('alice', 'approve', { now: at(2 * MINUTE) });
    stage.says('bob', 'approve', { now: at(MINUTE) });
    expect(stage.events.at(-1)?.data).toMatchObject({ approvedAt: at(2 * MINUTE) });
  });
});

describe('escalation', () => {
  const escalation = { afterMs: 10 * MINUTE, to: ['security'] };
  const stage = (): ReviewStage => opened(permit([{ group: 'data-owners', quorum: 1, escalation }]));

  it('lets nobody in before its time', () => {
    expect(stage().says('erin', 'approve', { now: at(10 * MINUTE - 1) })).toBe('refused not_in_group');
  });

  it('that is due counts at the decision, and is recorded with it', () => {
    const review = stage();
    const gist = review.says('erin', 'approve', { now: at(10 * MINUTE) });
    expect(gist).toBe('ReviewEscalated DecisionRecorded ReviewApproved');
  });

  it('comes on time, once, and not after the deadline', () => {
    const review = stage();
    expect(review.do({ type: 'EscalateReview', request: requestOf(), now: at(10 * MINUTE - 1) })).toBe(
      'unchanged',
    );
    expect(review.do({ type: 'EscalateReview', request: requestOf(), now: at(10 * MINUTE) })).toBe(
      'ReviewEscalated',
    );
    expect(review.do({ type: 'EscalateReview', request: requestOf(), now: at(11 * MINUTE) })).toBe(
      'unchanged',
    );
    expect(stage().do({ type: 'EscalateReview', request: requestOf(), now: at(HOUR) })).toBe('unchanged');
  });

  it('adds alternatives for the same seats, not further ones', () => {
    const directory = directoryOf({ groups: { a: ['ann', 'abe'], s: ['sue', 'sam'] }, owner: CAROLS });
    const review = opened(
      permit([{ group: 'a', quorum: 2, escalation: { afterMs: MINUTE, to: ['s'] } }]),
      directory,
    );
    review.says('ann', 'approve');
    expect(review.says('sue', 'approve', { now: at(2 * MINUTE) })).toBe('DecisionRecorded ReviewApproved');
  });

  it('of one group opens no other group’s seats; when theirs open too, approvals that stand conclude it', () => {
    const directory = directoryOf({ groups: { a: ['ann'], b: ['ben'], s: ['sue', 'sam'] }, owner: CAROLS });
    const early = { group: 'a', quorum: 1, escalation: { afterMs: MINUTE, to: ['s'] } };
    const late = { group: 'b', quorum: 1, escalation: { afterMs: 30 * MINUTE, to: ['s'] } };
    const review = opened(permit([early, late]), directory);
    const now = at(2 * MINUTE);
    review.says('sue', 'approve', { now });
    expect(review.says('sam', 'approve', { now })).toBe('DecisionRecorded');
    const escalate = { type: 'EscalateReview', request: review.request, now: at(30 * MINUTE) } as const;
    expect(review.do(escalate)).toBe('ReviewEscalated ReviewApproved');
  });
});

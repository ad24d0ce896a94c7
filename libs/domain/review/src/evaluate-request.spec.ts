import { describe, expect, it } from 'vitest';
import {
  ACME,
  at,
  BOT,
  deny,
  directoryOf,
  groupsOf,
  HOUR,
  MINUTE,
  opened,
  permit,
  requestOf,
  ReviewStage,
} from './spec-helpers.ts';

const GATEWAY = { type: 'Service', id: 'gateway' };
const OWNED_BY_GROUP = directoryOf({
  groups: { platform: ['bob', 'carol'] },
  owner: { type: 'Group', id: 'platform' },
});

describe('an evaluation comes to', () => {
  it('an approval by policy where nothing is owed', () => {
    const stage = new ReviewStage(ACME);
    expect(stage.evaluate(permit([]), at(MINUTE))).toBe('PolicyEvaluated ReviewApproved');
    expect(stage.events[0]?.data).toMatchObject({ reason: 'permitted', evaluatedAt: at(MINUTE) });
    expect(stage.events[1]?.data).toMatchObject({
      by: 'policy',
      approvers: [],
      enforcement: 'advisory',
      redeemer: { type: BOT.type, id: BOT.id },
      grantExpiresAt: at(6 * MINUTE),
    });
  });

  it('a review whose deadlines count from the request, not from the evaluation', () => {
    const escalation = { afterMs: 10 * MINUTE, to: ['security'] };
    const stage = new ReviewStage(ACME);
    expect(stage.evaluate(permit([{ group: 'data-owners', quorum: 1, escalation }]), at(MINUTE))).toBe(
      'PolicyEvaluated ReviewOpened',
    );
    expect(stage.events[1]?.data).toMatchObject({
      owner: { type: 'User', id: 'carol' },
      requirements: [
        { group: 'data-owners', quorum: 1, escalation: { after: at(10 * MINUTE), to: ['security'] } },
      ],
      expiresAt: at(HOUR),
      openedAt: at(MINUTE),
    });
  });

  it('guarded enforcement only where another principal than the requester redeems', () => {
    const self = opened(permit([]), ACME, requestOf({ executor: { type: BOT.type, id: BOT.id } }));
    expect(self.events[1]?.data).toMatchObject({ enforcement: 'advisory' });
    const guarded = opened(permit([], { enforcement: 'guarded' }), ACME, requestOf({ executor: GATEWAY }));
    expect(guarded.events[1]?.data).toMatchObject({ enforcement: 'guarded', redeemer: GATEWAY });
  });

  it('nothing new a second time', () => {
    expect(opened(permit([])).evaluate(deny('forbidden'))).toBe('unchanged');
  });
});

describe('an evaluation denies', () => {
  const reasonOf = (stage: ReviewStage): unknown =>
    stage.review.status === 'denied' && stage.review.denial.cause;

  it.each(['forbidden', 'no_matching_permit', 'evaluation_error', 'claim_type_mismatch'] as const)(
    'what the engine denies: %s',
    (reason) => {
      const stage = opened(deny(reason));
      expect(reasonOf(stage)).toBe(reason);
      expect(stage.events[0]?.data).toMatchObject({ reason });
    },
  );

  it('a requester that the directory no longer knows', () => {
    expect(reasonOf(opened(permit([]), { ...ACME, requesters: [] }))).toBe('no_matching_permit');
  });

  it('a request for a group without its initiator', () => {
    expect(reasonOf(opened(permit([]), OWNED_BY_GROUP))).toBe('initiator_required');
  });

  it('an executor that is no known requester, a person neither', () => {
    for (const executor of [
      { type: 'Service', id: 'nobody' },
      { type: 'User', id: 'alice' },
    ]) {
      expect(reasonOf(opened(permit([]), ACME, requestOf({ executor })))).toBe('unknown_executor');
    }
  });

  it('what has to be enforced more strictly than the request offers', () => {
    expect(reasonOf(opened(permit([], { enforcement: 'guarded' })))).toBe('enforcement_required');
    const brokered = permit([], { enforcement: 'brokered' });
    expect(reasonOf(opened(brokered, ACME, requestOf({ executor: GATEWAY })))).toBe('enforcement_required');
  });

  it.each<[string, readonly string[], Parameters<typeof directoryOf>[0], string | undefined]>([
    [
      'a quorum larger than its group',
      ['a:3'],
      { groups: { a: ['x', 'y'] }, owner: { type: 'User', id: 'o' } },
      undefined,
    ],
    [
      'a quorum that needs the owner',
      ['a:2'],
      { groups: { a: ['o', 'y'] }, owner: { type: 'User', id: 'o' } },
      undefined,
    ],
    [
      'a quorum that needs the initiator',
      ['a:2'],
      { groups: { a: ['x', 'i'] }, owner: { type: 'Group', id: 'a' } },
      'i',
    ],
    [
      'a quorum that needs a suspended person',
      ['a:2'],
      { groups: { a: ['x', 'y'] }, owner: { type: 'User', id: 'o' }, suspended: ['y'] },
      undefined,
    ],
    [
      'two groups with one person between them',
      ['a', 'b'],
      { groups: { a: ['x'], b: ['x'] }, owner: { type: 'User', id: 'o' } },
      undefined,
    ],
    ['an unknown group', ['nobody'], { groups: { a: ['x'] }, owner: { type: 'User', id: 'o' } }, undefined],
    [
      'a group named like a method',
      ['toString'],
      { groups: { a: ['x'] }, owner: { type: 'User', id: 'o' } },
      undefined,
    ],
  ])('%s, naming the group', (_, requirements, cast, initiator) => {
    const stage = opened(
      permit(groupsOf(...requirements)),
      directoryOf(cast),
      requestOf(initiator ? { initiator } : {}),
    );
    expect(reasonOf(stage)).toBe('no_eligible_quorum');
    const group = requirements.at(-1)?.split(':')[0];
    expect(stage.events[1]?.data).toMatchObject({ detail: expect.stringContaining(`"${group}"`) });
  });

  it('not where escalation brings enough people', () => {
    const directory = directoryOf({ groups: { a: ['x'], s: ['y'] }, owner: { type: 'User', id: 'o' } });
    const escalation = { afterMs: MINUTE, to: ['s'] };
    expect(opened(permit([{ group: 'a', quorum: 2, escalation }]), directory).review.status).toBe('open');
  });

  it('where the permits leave no place in common to decide', () => {
    const nowhere = opened(permit(groupsOf('data-owners'), { decideVia: [] }));
    expect(reasonOf(nowhere)).toBe('no_way_to_decide');
    const nobodyAsked = opened(permit([], { decideVia: [] }));
    expect(nobodyAsked.review.status).toBe('approved');
  });
});

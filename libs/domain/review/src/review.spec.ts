import { hasCode } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { ReviewEvent } from './review-events.ts';
import { foldReview, reviewEvents } from './review.ts';
import { at, groupsOf, HOUR, opened, permit } from './spec-helpers.ts';

const GROUPS = permit(groupsOf('data-owners'));
const BOT = { type: 'Agent', id: 'etl-bot' };
const CAROL = { type: 'User', id: 'carol' };
const OWNER = { type: 'User', id: 'carol' } as const;
const cancelBy = (by: { type: string; id: string }, groups: readonly string[] = []) =>
  ({ type: 'CancelReview', by, groups, requester: BOT, ownerNow: OWNER, now: at(1) }) as const;
const expire = (cause: 'timeout' | 'undeliverable', ms: number) =>
  ({ type: 'ExpireReview', cause, now: at(ms) }) as const;

describe('cancelling', () => {
  it.each([
    ['the requester', cancelBy(BOT), 'ReviewCancelled'],
    ['its owner', cancelBy(CAROL), 'ReviewCancelled'],
    [
      'its owner by the directory of now',
      { ...cancelBy({ type: 'User', id: 'new' }), ownerNow: { type: 'User', id: 'new' } as const },
      'ReviewCancelled',
    ],
    [
      'a person of the group that owns it',
      {
        ...cancelBy({ type: 'User', id: 'bob' }, ['platform']),
        ownerNow: { type: 'Group', id: 'platform' } as const,
      },
      'ReviewCancelled',
    ],
    ['an approver', cancelBy({ type: 'User', id: 'alice' }), 'refused not_allowed'],
    ['another agent with the owner’s name', cancelBy({ type: 'Agent', id: 'carol' }), 'refused not_allowed'],
  ])('by %s: %s', (_, command, expected) => {
    expect(opened(GROUPS).do(command)).toBe(expected);
  });

  it('again changes nothing; after another end it is refused', () => {
    const cancelled = opened(GROUPS);
    cancelled.do(cancelBy(BOT));
    expect(cancelled.do(cancelBy(CAROL))).toBe('unchanged');
    const approved = opened(GROUPS);
    approved.says('alice', 'approve');
    expect(approved.do(cancelBy(BOT))).toBe('refused review_closed');
  });
});

describe('expiring', () => {
  it('waits for the deadline, which is itself too late', () => {
    const stage = opened(GROUPS);
    expect(stage.do(expire('timeout', HOUR - 1))).toBe('unchanged');
    expect(stage.do(expire('timeout', HOUR))).toBe('ReviewExpired');
    expect(stage.do(expire('timeout', HOUR))).toBe('unchanged');
  });

  it('waits also where no channel could be told, since it may be decided without', () => {
    const stage = opened(GROUPS);
    expect(stage.do(expire('undeliverable', HOUR - 1))).toBe('unchanged');
    expect(stage.do(expire('undeliverable', HOUR))).toBe('ReviewExpired');
  });

  it('never overtakes another end', () => {
    const stage = opened(GROUPS);
    stage.says('alice', 'deny');
    expect(stage.do(expire('timeout', 2 * HOUR))).toBe('unchanged');
  });
});

describe('the fold fails closed', () => {
  const attempt =
    (...events: readonly object[]) =>
    (): unknown =>
      foldReview(events as readonly ReviewEvent[]);
  const failsWith = (code: string): unknown => expect.toSatisfy((error) => hasCode(error, code));
  const approved = opened(GROUPS);
  approved.says('alice', 'approve');
  const [evaluated, opening, decision, approval] = approved.events as [
    ReviewEvent,
    ReviewEvent,
    ReviewEvent,
    ReviewEvent,
  ];

  it('on a type it does not know', () => {
    expect(attempt(evaluated, { type: 'ReviewReopened', data: {} })).toThrow(failsWith('unknown_event_type'));
    expect(() => reviewEvents([{ type: 'constructor', data: {} }])).toThrow(failsWith('unknown_event_type'));
  });

  it.each([
    ['an opening without evaluation', [opening]],
    ['two evaluations', [evaluated, evaluated]],
    ['a decision before the opening', [evaluated, decision]],
    ['an approval of nothing', [approval]],
    ['a second end', [evaluated, opening, decision, approval, approval]],
    ['a denial after the approval', [evaluated, opening, approval, { type: 'ReviewDenied', data: {} }]],
    ['an expiry of what was never open', [evaluated, { type: 'ReviewExpired', data: {} }]],
    ['a cancellation after the end', [evaluated, approval, { type: 'ReviewCancelled', data: {} }]],
  ])('on %s', (_, events) => {
    expect(attempt(...events)).toThrow(failsWith('impossible_event'));
  });

  it('and reads back what it decided', () => {
    expect(foldReview(reviewEvents(approved.events))).toEqual(approved.review);
    expect(approved.review.status).toBe('approved');
  });
});

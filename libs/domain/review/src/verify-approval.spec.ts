import { CodedError } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { ReviewEvent } from './review-events.ts';
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
  type ReviewStage,
} from './spec-helpers.ts';
import { verifyApproval } from './verify-approval.ts';

const approvedByTwo = (): ReviewStage => {
  const stage = opened(permit(groupsOf('data-owners:2')));
  stage.says('alice', 'approve');
  stage.says('bob', 'approve', { now: at(2 * MINUTE) });
  return stage;
};

const failedStep = (
  stage: ReviewStage,
  events: readonly ReviewEvent[] = stage.events,
): string | undefined => {
  try {
    verifyApproval(stage.request, events);
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return `${error.code} ${error.field}`;
  }
};

/** The same record with members of one event's data replaced. */
const forged = (events: readonly ReviewEvent[], index: number, change: object): readonly ReviewEvent[] =>
  events.map((event, at) =>
    at === index ? ({ ...event, data: { ...event.data, ...change } } as ReviewEvent) : event,
  );

describe('an approval is proven', () => {
  it('by a quorum that the record carries', () => {
    const stage = approvedByTwo();
    expect(verifyApproval(stage.request, stage.events).approval.approvers).toEqual(['alice', 'bob']);
  });

  it('by a policy that permitted without obligation', () => {
    const stage = opened(permit([]));
    expect(verifyApproval(stage.request, stage.events).approval.by).toBe('policy');
  });

  it('through alternatives after the escalation', () => {
    const escalation = { afterMs: MINUTE, to: ['security'] };
    const stage = opened(permit([{ group: 'data-owners', quorum: 1, escalation }]));
    stage.says('erin', 'approve', { now: at(MINUTE) });
    expect(failedStep(stage)).toBeUndefined();
  });
});

describe('an approval is refused, naming the step, where', () => {
  it.each<[string, string, number, object]>([
    ['the action was changed after it was shown', 'same_action', 3, { digest: 'other' }],
    ['it stood in another request’s stream', 'same_request', 4, { requestId: 'r-2' }],
    ['the evaluation never asked for a review', 'concluded_by_its_evaluation', 0, { reason: 'permitted' }],
    ['policy is said to have approved it', 'concluded_by_its_evaluation', 4, { by: 'policy' }],
    ['one person was heard twice', 'distinct_approvers', 3, { approver: 'alice' }],
    ['somebody denied it', 'no_denial', 2, { decision: 'deny' }],
    ['the owner decided it', 'no_self_approval', 1, { owner: { type: 'User', id: 'bob' } }],
    ['another initiator was frozen', 'no_self_approval', 1, { initiator: 'zoe' }],
    ['a decision precedes the opening', 'in_time', 2, { decidedAt: at(-1) }],
    ['the end came after the deadline', 'in_time', 1, { expiresAt: at(MINUTE) }],
    ['the grant lives longer than policy allows', 'in_time', 4, { grantExpiresAt: at(HOUR) }],
    ['the approvers’ groups don’t fill the seats', 'quorum', 3, { groups: ['platform'] }],
    ['nothing was required', 'quorum', 1, { requirements: [] }],
    ['it counts somebody who didn’t approve', 'quorum', 4, { approvers: ['alice', 'carol'] }],
    ['it counts fewer than the quorum', 'quorum', 4, { approvers: ['alice'] }],
    ['somebody else would redeem it', 'redeemer', 4, { redeemer: { type: 'Agent', id: 'mallory' } }],
    ['the enforcement is told as stricter than it is', 'redeemer', 4, { enforcement: 'guarded' }],
  ])('%s', (_, step, index, change) => {
    const stage = approvedByTwo();
    expect(failedStep(stage, forged(stage.events, index, change))).toBe(`approval_not_proven ${step}`);
  });

  it('a decision is missing, hidden, or follows the end', () => {
    const stage = approvedByTwo();
    const [evaluated, opening, first, second, approval] = stage.events as [ReviewEvent, ...ReviewEvent[]] & {
      length: 5;
    };
    const records = [
      [evaluated, opening, first, second],
      [evaluated, opening, approval, first, second],
      [opening, first, second, approval],
      [approval],
      [],
    ] as readonly (readonly ReviewEvent[])[];
    expect(records.map((events) => failedStep(stage, events))).toEqual(
      records.map(() => 'approval_not_proven whole_record'),
    );
    expect(failedStep(stage, [evaluated, opening, second, approval] as ReviewEvent[])).toBe(
      'approval_not_proven quorum',
    );
  });

  it('neither a requirement nor an approver is left', () => {
    const stage = approvedByTwo();
    const [evaluated, opening, , , approval] = stage.events;
    const emptied = [evaluated, opening, approval].filter((event) => event !== undefined);
    const record = forged(forged(emptied, 1, { requirements: [] }), 2, { approvers: [] });
    expect(failedStep(stage, record)).toBe('approval_not_proven quorum');
  });

  it('a lone approval by policy was forged onto a review that asked for persons', () => {
    const stage = opened(permit([]));
    const asked = forged(stage.events, 0, { reason: 'review_required' });
    expect(failedStep(stage, asked)).toBe('approval_not_proven concluded_by_its_evaluation');
  });

  it('the request itself isn’t what its digest says', () => {
    const stage = approvedByTwo();
    const request = { ...stage.request, resource: { ...stage.request.resource, id: 'all' } };
    expect(failedStep(Object.assign(opened(permit([])), { request }), stage.events)).toBe(
      'approval_not_proven same_action',
    );
  });

  it('the initiator approved, though the opening was silent about them', () => {
    const request = requestOf({ initiator: 'zoe' });
    const stage = opened(
      permit(groupsOf('data-owners')),
      directoryOf({ groups: ACME.groups, owner: { type: 'User', id: 'carol' } }),
      request,
    );
    stage.says('alice', 'approve');
    expect(failedStep(stage)).toBeUndefined();
    expect(
      failedStep(stage, forged(forged(stage.events, 2, { approver: 'zoe' }), 3, { approvers: ['zoe'] })),
    ).toBe('approval_not_proven no_self_approval');
  });
});

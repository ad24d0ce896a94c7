import { describe, expect, it } from 'vitest';
import type { Directory } from '@countersign/domain-directory';
import type { Evaluation } from './evaluation.ts';
import { reauthorize } from './reauthorize.ts';
import {
  ACME,
  at,
  deny,
  directoryOf,
  groupsOf,
  MINUTE,
  opened,
  permit,
  type ReviewStage,
} from './spec-helpers.ts';
import { verifyApproval } from './verify-approval.ts';

const ONE = permit(groupsOf('data-owners'));
const GROUPS = { ...ACME.groups, 'data-owners': ['alice', 'bob', 'ann'] };
const CAROL = { type: 'User', id: 'carol' } as const;
const DIRECTORY = directoryOf({ groups: GROUPS, owner: CAROL });

const approvedBy = (evaluation: Evaluation, ...persons: readonly string[]): ReviewStage => {
  const stage = opened(evaluation, DIRECTORY);
  for (const person of persons) stage.says(person, 'approve', { now: at(MINUTE) });
  return stage;
};
const verdict = (stage: ReviewStage, evaluation: Evaluation, directory: Directory = DIRECTORY): string => {
  const { request } = stage;
  const answer = reauthorize({
    request,
    evaluation,
    directory,
    review: verifyApproval(request, stage.events),
  });
  return answer.authorized ? 'authorized' : answer.cause;
};

describe('before redemption policy is asked again; the right', () => {
  it.each<[string, Evaluation, Directory, string]>([
    ['stands where nothing changed', ONE, DIRECTORY, 'authorized'],
    ['stands where policy asks for less', permit([]), DIRECTORY, 'authorized'],
    [
      'stands where somebody joined',
      ONE,
      directoryOf({ groups: { ...GROUPS, 'data-owners': ['alice', 'new'] }, owner: CAROL }),
      'authorized',
    ],
    ['lapses where a forbid was added', deny('forbidden'), DIRECTORY, 'no_longer_permitted'],
    ['lapses where evaluation errs', deny('evaluation_error'), DIRECTORY, 'no_longer_permitted'],
    [
      'lapses where the requester is unknown now',
      ONE,
      { ...DIRECTORY, requesters: [] },
      'no_longer_permitted',
    ],
    [
      'lapses where more persons are asked for',
      permit(groupsOf('data-owners:2')),
      DIRECTORY,
      'more_required',
    ],
    [
      'lapses where another group is asked for',
      permit(groupsOf('data-owners', 'platform')),
      DIRECTORY,
      'more_required',
    ],
    [
      'lapses where enforcement is stricter',
      permit(groupsOf('data-owners'), { enforcement: 'guarded' }),
      DIRECTORY,
      'stricter_enforcement',
    ],
    [
      'lapses where an approver has left the group',
      ONE,
      directoryOf({ groups: { ...GROUPS, 'data-owners': ['bob'], other: ['alice'] }, owner: CAROL }),
      'approver_lost_right',
    ],
    [
      'lapses so though policy now asks for nobody',
      permit([]),
      directoryOf({ groups: { ...GROUPS, 'data-owners': ['bob'], other: ['alice'] }, owner: CAROL }),
      'approver_lost_right',
    ],
    [
      'lapses where an approver is gone',
      ONE,
      directoryOf({ groups: { 'data-owners': ['bob'] }, owner: CAROL }),
      'approver_lost_right',
    ],
    [
      'lapses where an approver is suspended',
      ONE,
      directoryOf({ groups: GROUPS, owner: CAROL, suspended: ['alice'] }),
      'approver_lost_right',
    ],
    [
      'lapses where an approver has become the owner',
      ONE,
      directoryOf({ groups: GROUPS, owner: { type: 'User', id: 'alice' } }),
      'approver_lost_right',
    ],
  ])('%s', (_, evaluation, directory, expected) => {
    expect(verdict(approvedBy(ONE, 'alice'), evaluation, directory)).toBe(expected);
  });

  it('lapses where policy alone approved and now asks for a person', () => {
    expect(verdict(approvedBy(permit([])), ONE)).toBe('more_required');
    expect(verdict(approvedBy(permit([])), permit([]))).toBe('authorized');
  });

  it('stands through alternatives only where policy still offers them', () => {
    const escalation = { afterMs: MINUTE, to: ['security'] };
    const escalating = permit([{ group: 'platform', quorum: 1, escalation }]);
    const stage = approvedBy(escalating, 'erin');
    expect(verdict(stage, escalating)).toBe('authorized');
    expect(verdict(stage, permit(groupsOf('platform')))).toBe('more_required');
    const later = { afterMs: 2 * MINUTE, to: ['security'] };
    expect(verdict(stage, permit([{ group: 'platform', quorum: 1, escalation: later }]))).toBe(
      'more_required',
    );
  });
});

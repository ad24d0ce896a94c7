import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveQuorum } from './derive-quorum.ts';
import { canBeFilled, seatCandidates, type Candidate } from './quorum.ts';
import type { Requirement } from './review-events.ts';
import { recordOf } from './review.ts';
import { at, directoryOf, MINUTE, opened, permit, requestOf } from './spec-helpers.ts';
import { verifyApproval } from './verify-approval.ts';

/** The oracle: tries every way to put different persons on the seats. */
const bruteForce = (seats: readonly (readonly string[])[], candidates: readonly Candidate[]): boolean => {
  const [seat, ...rest] = seats;
  if (seat === undefined) return true;
  return candidates.some(
    ({ person, groups }) =>
      groups.some((group) => seat.includes(group)) &&
      bruteForce(
        rest,
        candidates.filter((other) => other.person !== person),
      ),
  );
};
const seatsOf = (
  requirements: readonly Requirement[],
  isOpen: (requirement: Requirement) => boolean,
): string[][] =>
  requirements.flatMap((requirement) =>
    Array.from({ length: requirement.quorum }, () => [
      requirement.group,
      ...(isOpen(requirement) ? (requirement.escalation?.to ?? []) : []),
    ]),
  );

const GROUPS = ['a', 'b', 'c'];
const PERSONS = ['p1', 'p2', 'p3', 'p4', 'p5'];
const group = fc.constantFrom(...GROUPS);
const candidates = fc.uniqueArray(
  fc.record({ person: fc.constantFrom(...PERSONS), groups: fc.subarray(GROUPS) }),
  {
    selector: ({ person }) => person,
  },
);
const requirements = fc.uniqueArray(
  fc.record(
    {
      group,
      quorum: fc.integer({ min: 1, max: 3 }),
      escalation: fc.record({
        after: fc.constantFrom(at(1), at(2)),
        to: fc.subarray(GROUPS, { minLength: 1 }),
      }),
    },
    { requiredKeys: ['group', 'quorum'] },
  ),
  { selector: (requirement) => requirement.group, minLength: 1 },
);

describe('the quorum agrees with brute force', () => {
  it('on whether the seats are filled, with and without escalation', () => {
    fc.assert(
      fc.property(
        requirements,
        candidates,
        fc.constantFrom(undefined, at(1), at(2)),
        (asked, who, escalatedAt) => {
          const isOpen = ({ escalation }: Requirement): boolean =>
            escalatedAt !== undefined && escalation !== undefined && escalation.after <= escalatedAt;
          const { isFilled, seated } = seatCandidates(asked, who, escalatedAt);
          expect(isFilled).toBe(bruteForce(seatsOf(asked, isOpen), who));
          expect(new Set(seated).size).toBe(seated.length);
          expect(canBeFilled(asked, who).isFilled).toBe(
            bruteForce(
              seatsOf(asked, () => true),
              who,
            ),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('and counts persons: a person under two entries holds one seat', () => {
    const two = [
      { group: 'a', quorum: 1 },
      { group: 'b', quorum: 1 },
    ];
    const twice = [
      { person: 'p1', groups: ['a'] },
      { person: 'p1', groups: ['b'] },
    ];
    expect(seatCandidates(two, twice, undefined).isFilled).toBe(false);
  });
});

describe('a quorum derived from a record that should not exist', () => {
  it('counts no denial, no owner and no initiator', () => {
    const directory = directoryOf({ groups: { a: ['p1', 'p2', 'p3'] }, owner: { type: 'Group', id: 'a' } });
    const stage = opened(permit([{ group: 'a', quorum: 2 }]), directory, requestOf({ initiator: 'p3' }));
    stage.says('p1', 'approve');
    const record = recordOf(stage.review);
    const [first] = record?.decisions ?? [];
    if (record === undefined || first === undefined) throw new Error('The review should be open.');
    const with2 = (change: object): boolean =>
      deriveQuorum({ ...record, decisions: [first, { ...first, approver: 'p2', ...change }] }).isFilled;
    expect(with2({})).toBe(true);
    expect(with2({ decision: 'deny' })).toBe(false);
    expect(with2({ approver: 'p3' })).toBe(false);
    const owned = { ...record, opened: { ...record.opened, owner: { type: 'User' as const, id: 'p1' } } };
    expect(deriveQuorum({ ...owned, decisions: [first, { ...first, approver: 'p2' }] }).isFilled).toBe(false);
  });
});

/** People with several accounts each, one of them perhaps the owner, one perhaps the initiator. */
const world = fc.record({
  groups: fc.record({ a: fc.subarray(PERSONS), b: fc.subarray(PERSONS), c: fc.subarray(PERSONS) }),
  suspended: fc.subarray(PERSONS, { maxLength: 2 }),
  owner: fc.oneof(
    fc.constantFrom(...PERSONS).map((id) => ({ type: 'User' as const, id })),
    group.map((id) => ({ type: 'Group' as const, id })),
  ),
  initiator: fc.constantFrom(...PERSONS),
  asked: fc.uniqueArray(fc.record({ group, quorum: fc.integer({ min: 1, max: 2 }) }), {
    selector: (requirement) => requirement.group,
    minLength: 1,
  }),
  /** Account `p1#2` belongs to person `p1`. */
  clicks: fc.array(
    fc.record({ account: fc.tuple(fc.constantFrom(...PERSONS), fc.nat(2)).map(([p, n]) => `${p}#${n}`) }),
    { maxLength: 12 },
  ),
});

describe('separation of duties, over random principal graphs', () => {
  it('approves just when enough persons other than owner and initiator have, whatever accounts they use', () => {
    fc.assert(
      fc.property(world, ({ groups, suspended, owner, initiator, asked, clicks }) => {
        const directory = directoryOf({ groups, owner, suspended });
        const mayCount = (person: string): boolean =>
          !suspended.includes(person) &&
          person !== initiator &&
          !(owner.type === 'User' && owner.id === person);
        const oracle = (persons: readonly string[]): boolean =>
          bruteForce(
            seatsOf(asked, () => false),
            [...new Set(persons)].filter(mayCount).map((person) => ({
              person,
              groups: GROUPS.filter((name) => groups[name as 'a'].includes(person)),
            })),
          );
        const stage = opened(permit(asked), directory, requestOf({ initiator }));
        expect(stage.review.status).toBe(oracle(PERSONS) ? 'open' : 'denied');

        const heard: string[] = [];
        for (const { account } of clicks) {
          const person = account.slice(0, account.indexOf('#'));
          heard.push(person);
          stage.says(person, 'approve', { now: at(MINUTE) });
          if (stage.review.status !== 'denied') {
            expect(stage.review.status).toBe(oracle(heard) ? 'approved' : 'open');
          }
        }
        if (stage.review.status === 'approved') {
          const { approvers } = verifyApproval(stage.request, stage.events).approval;
          expect(approvers.every(mayCount)).toBe(true);
          expect(oracle(approvers)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

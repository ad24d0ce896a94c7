import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeObligations, RISKS, type PermitObligations } from './merge-obligations.ts';

const MINUTE = 60_000;
const permit = (parts: Partial<PermitObligations>): PermitObligations => ({
  channels: [],
  controls: [],
  ...parts,
});

const approval = fc.record(
  {
    group: fc.constantFrom('a', 'b'),
    quorum: fc.integer({ min: 1, max: 10 }),
    expiresInMs: fc.integer({ min: 1, max: 200 * MINUTE }),
    escalation: fc.record({
      afterMs: fc.integer({ min: 1, max: 200 * MINUTE }),
      to: fc.uniqueArray(fc.constantFrom('c', 'd', 'e'), { minLength: 1 }),
    }),
  },
  { requiredKeys: ['group', 'quorum'] },
);
const anyPermit: fc.Arbitrary<PermitObligations> = fc.record(
  {
    approval,
    grantTtlMs: fc.integer({ min: 1, max: 20 * MINUTE }),
    channels: fc.uniqueArray(fc.constantFrom('log', 'slack:#a')),
    controls: fc.uniqueArray(fc.constantFrom('SOC2:CC6.1', 'NIST:AC-5')),
    enforcement: fc.constantFrom('advisory' as const, 'guarded' as const, 'brokered' as const),
    risk: fc.constantFrom(...RISKS),
  },
  { requiredKeys: ['channels', 'controls'] },
);
const rankOf = (risk: string | undefined): number => RISKS.findIndex((known) => known === risk);
const ENFORCEMENTS = ['advisory', 'guarded', 'brokered'];

describe('mergeObligations', () => {
  it('asks nobody where no permit does', () => {
    expect(mergeObligations([permit({})])).toEqual({
      groups: [],
      expiresInMs: 60 * MINUTE,
      grantTtlMs: 5 * MINUTE,
      channels: [],
      controls: [],
      enforcement: 'advisory',
    });
  });

  it('reminds as often as the most impatient asks, and turns to every channel that any names', () => {
    const merged = mergeObligations([
      permit({ remindAfterMs: 20 * MINUTE, failover: [['slack:#a', 'log']], channels: ['slack:#a'] }),
      permit({ remindAfterMs: 10 * MINUTE, failover: [['slack:#a', 'teams:b']], channels: ['slack:#a'] }),
      permit({}),
    ]);
    expect(merged).toMatchObject({
      remindAfterMs: 10 * MINUTE,
      channels: ['slack:#a'],
      failover: [
        ['slack:#a', 'log'],
        ['slack:#a', 'teams:b'],
      ],
    });
  });

  it('takes decisions only where all permits do', () => {
    const some = permit({ decideVia: ['teams', 'api'] });
    expect(mergeObligations([some, permit({})]).decideVia).toEqual(['api', 'teams']);
    expect(mergeObligations([some, permit({ decideVia: ['api', 'slack'] })]).decideVia).toEqual(['api']);
    expect(mergeObligations([some, permit({ decideVia: ['slack'] })]).decideVia).toEqual([]);
    expect(mergeObligations([permit({})])).not.toHaveProperty('decideVia');
  });

  it('takes the largest quorum of a group, and every group', () => {
    const merged = mergeObligations([
      permit({ approval: { group: 'b', quorum: 1 } }),
      permit({ approval: { group: 'a', quorum: 1 } }),
      permit({ approval: { group: 'b', quorum: 3 } }),
    ]);
    expect(merged.groups).toEqual([
      { group: 'a', quorum: 1 },
      { group: 'b', quorum: 3 },
    ]);
  });

  it('counts the default hour of a permit that names no time', () => {
    const merged = mergeObligations([
      permit({ approval: { group: 'a', quorum: 1, expiresInMs: 240 * MINUTE } }),
      permit({ approval: { group: 'b', quorum: 1 } }),
    ]);
    expect(merged.expiresInMs).toBe(60 * MINUTE);
  });

  it.each([
    [
      'allowed by all, to whom all allow, when the last does',
      [
        { afterMs: 5, to: ['c', 'd'] },
        { afterMs: 9, to: ['d'] },
      ],
      { afterMs: 9, to: ['d'] },
    ],
    ['not allowed by one', [{ afterMs: 5, to: ['c'] }, undefined], undefined],
    [
      'allowed to nobody by all',
      [
        { afterMs: 5, to: ['c'] },
        { afterMs: 5, to: ['d'] },
      ],
      undefined,
    ],
    ['later than the end', [{ afterMs: 60 * MINUTE, to: ['c'] }], undefined],
  ] as const)(
    'escalates only where every permit of the group allows it: %s',
    (_case, escalations, expected) => {
      const [first, ...rest] = escalations.map((escalation) =>
        permit({ approval: { group: 'a', quorum: 1, ...(escalation === undefined ? {} : { escalation }) } }),
      );
      expect(mergeObligations([first ?? permit({}), ...rest]).groups[0]?.escalation).toEqual(expected);
    },
  );

  it('is never looser with one permit more, and knows no order', () => {
    fc.assert(
      fc.property(anyPermit, fc.array(anyPermit, { maxLength: 4 }), anyPermit, (first, rest, extra) => {
        const before = mergeObligations([first, ...rest]);
        const after = mergeObligations([extra, ...rest.toReversed(), first]);
        expect(mergeObligations([first, ...rest, extra])).toEqual(after);
        for (const { group, quorum, escalation } of before.groups) {
          const now = after.groups.find((one) => one.group === group);
          expect(now?.quorum).toBeGreaterThanOrEqual(quorum);
          expect(now?.escalation === undefined || escalation !== undefined).toBe(true);
          expect((now?.escalation?.to ?? []).every((to) => escalation?.to.includes(to))).toBe(true);
          if (now?.escalation)
            expect(now.escalation.afterMs).toBeGreaterThanOrEqual(escalation?.afterMs ?? Infinity);
        }
        if (before.groups.length > 0) expect(after.expiresInMs).toBeLessThanOrEqual(before.expiresInMs);
        expect(after.grantTtlMs).toBeLessThanOrEqual(before.grantTtlMs);
        expect(after.controls).toEqual(expect.arrayContaining([...before.controls]));
        expect(after.channels).toEqual(expect.arrayContaining([...before.channels]));
        expect(ENFORCEMENTS.indexOf(after.enforcement)).toBeGreaterThanOrEqual(
          ENFORCEMENTS.indexOf(before.enforcement),
        );
        if (before.risk) expect(rankOf(after.risk)).toBeGreaterThanOrEqual(rankOf(before.risk));
      }),
    );
  });
});

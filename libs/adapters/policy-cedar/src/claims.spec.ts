import { join } from 'node:path';
import type { PrivilegedAction } from '@countersign/domain-action';
import type { Evaluation } from '@countersign/domain-review';
import type { Json, JsonObject } from '@countersign/kernel';
import { parsePolicySet, propertyConflicts, readPolicyFolder } from '@countersign/policy-engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CedarPolicyEngine } from './cedar-policy-engine.ts';

const ACME = join(import.meta.dirname, '../../../../deploy/samples/acme');
const acme = new CedarPolicyEngine().load(parsePolicySet(await readPolicyFolder(ACME)));

/** Permitted 0 < held 1 < denied or refused 2. */
const severity = (action: PrivilegedAction): number => {
  if (propertyConflicts(acme.set.catalogue, action.resource).length > 0) return 2;
  const evaluation = acme.evaluate(action);
  return evaluation.kind === 'deny' ? 2 : Math.min(evaluation.obligations.groups.length, 1);
};

const seats = (evaluation: Evaluation): ReadonlyMap<string, number> =>
  new Map(
    evaluation.kind === 'permit'
      ? evaluation.obligations.groups.map(({ group, quorum }) => [group, quorum] as const)
      : [],
  );

/** Whether `after` asks for everything that `before` asks for, or is refused altogether. */
const asksAtLeast = (before: PrivilegedAction, after: PrivilegedAction): boolean => {
  if (severity(after) === 2) return true;
  if (severity(before) > severity(after)) return false;
  const now = seats(acme.evaluate(after));
  return [...seats(acme.evaluate(before))].every(([group, quorum]) => (now.get(group) ?? 0) >= quorum);
};

const claim: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: -20_000, max: 20_000 }),
  fc.constantFrom<Json>('prod', 'staging', 'Prod', 'high', 'low', '10', true, null, 1.5, [], {}),
);
const claims: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('rows', 'environment', 'sensitivity', 'owner', 'size', 'other'),
  claim,
);
const resources = ['customers', 'staging-a', 'orders', 'orders-staging', 'prod-web', 'nowhere'];
const action: fc.Arbitrary<PrivilegedAction> = fc.record({
  subject: fc.constantFrom('etl-bot', 'deploy-bot').map((id) => ({ type: 'Agent', id, properties: {} })),
  action: fc
    .constantFrom(
      'data.read',
      'data.export',
      'iam.escalate',
      'infra.apply',
      'secret.rotate',
      'database.delete',
    )
    .map((name) => ({ name, properties: {} })),
  resource: fc.record({
    type: fc.constantFrom('Dataset', 'Database', 'Stack', 'Role', 'Secret'),
    id: fc.constantFrom(...resources),
    properties: claims,
  }),
  context: claims.map((context) => ({ ...context, justification: 'because' })),
});

type Change = (members: JsonObject) => JsonObject;
const withClaims = (asked: PrivilegedAction, change: Change): PrivilegedAction => ({
  ...asked,
  resource: { ...asked.resource, properties: change(asked.resource.properties) },
  context: { ...change(asked.context), justification: 'because' },
});
const omit =
  (name: string): Change =>
  (members) =>
    Object.fromEntries(Object.entries(members).filter(([key]) => key !== name));
const recase =
  (name: string): Change =>
  (members) =>
    Object.fromEntries(
      Object.entries(members).map(([key, value]) => [key === name ? key.toUpperCase() : key, value]),
    );
const shout = (value: Json): Json => (typeof value === 'string' ? value.toUpperCase() : value);
const recaseValues: Change = (members) =>
  Object.fromEntries(Object.entries(members).map(([key, value]) => [key, shout(value)]));
const lower =
  (by: number): Change =>
  (members) =>
    Object.fromEntries(
      Object.entries(members).map(([key, value]) => [
        key,
        typeof value === 'number' ? Math.trunc(value) - by : value,
      ]),
    );

/** A request that is taken at all: one that is refused can only be loosened by asking properly. */
const taken = action.filter((asked) => severity(asked) < 2);
const memberName = fc.constantFrom('rows', 'environment', 'sensitivity', 'owner', 'size', 'other');

describe("the sample organisation's policies", () => {
  it('ask for no less where a claim is left out', () => {
    fc.assert(
      fc.property(taken, memberName, (asked, name) => asksAtLeast(asked, withClaims(asked, omit(name)))),
      { numRuns: 300 },
    );
  });

  it('ask for no less where a claim or its value changes case', () => {
    fc.assert(
      fc.property(taken, memberName, (asked, name) => {
        expect(asksAtLeast(asked, withClaims(asked, recase(name)))).toBe(true);
        expect(asksAtLeast(asked, withClaims(asked, recaseValues))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never let a claim of any size or kind turn held into permitted, or drop a group', () => {
    fc.assert(
      fc.property(taken, fc.integer({ min: 0, max: 40_000 }), claims, (asked, by, others) => {
        for (const changed of [withClaims(asked, lower(by)), withClaims(asked, () => others)]) {
          expect(severity(changed)).toBeGreaterThanOrEqual(severity(asked));
          const groups = severity(changed) === 2 ? undefined : seats(acme.evaluate(changed));
          for (const group of seats(acme.evaluate(asked)).keys())
            expect(groups?.has(group) ?? true).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never permit, whatever is claimed, what they deny without claims', () => {
    fc.assert(
      fc.property(action, (asked) => {
        const bare = withClaims(asked, () => ({}));
        if (severity(bare) === 2) expect(severity(asked)).toBe(2);
      }),
      { numRuns: 300 },
    );
  });

  it('take a lower number of rows at its word in one place only: the second seat of a bulk export', () => {
    fc.assert(
      fc.property(taken, fc.integer({ min: 1, max: 40_000 }), (asked, by) => {
        const changed = withClaims(asked, lower(by));
        if (!asksAtLeast(asked, changed)) {
          expect(asked.action.name).toBe('data.export');
          expect(seats(acme.evaluate(changed))).toEqual(new Map([['data-owners', 1]]));
        }
      }),
      { numRuns: 300 },
    );
  });
});

import type { JsonObject } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { loadWith, request } from './spec-helpers.ts';

const PERMIT = '@id("p") permit (principal, action, resource);\n';
const schemaWith = (context: string, types = '') => `entity Group; entity User in [Group];
entity Agent = { owner?: User, initiator?: User }; entity Dataset = { environment?: String, meta?: { tier: Long } };
${types}
action "all"; action "export" in ["all"] appliesTo { principal: [Agent], resource: [Dataset], context: ${context} };`;

const outcomeOf = (evaluation: ReturnType<ReturnType<typeof loadWith>['evaluate']>): string =>
  evaluation.kind === 'permit' ? 'permit' : evaluation.reason;

describe('evaluation', () => {
  it('denies what nothing permits', () => {
    expect(
      loadWith('@id("x") forbid (principal, action, resource) when { false };').evaluate(request()),
    ).toMatchObject({
      kind: 'deny',
      reason: 'no_matching_permit',
      policies: [],
    });
  });

  it('lets a forbid stand over every permit, and names it', () => {
    const forbid = '@id("f") @description("never") forbid (principal, action, resource);';
    expect(loadWith(PERMIT + forbid).evaluate(request())).toMatchObject({
      kind: 'deny',
      reason: 'forbidden',
      policies: [{ id: 'f', description: 'never' }],
    });
  });

  it('holds all matching permits together', () => {
    const policies = `@id("b") @require_approval("owners") @quorum("2") ${PERMIT.slice('@id("p")'.length)}
@id("a") @require_approval("ops") @grant_ttl("1m") @enforcement("guarded") permit (principal, action, resource);
@id("c") @require_approval("ops") permit (principal, action, resource) when { context has rows };`;
    expect(loadWith(policies).evaluate(request())).toMatchObject({
      kind: 'permit',
      obligations: {
        groups: [
          { group: 'ops', quorum: 1 },
          { group: 'owners', quorum: 2 },
        ],
        grantTtlMs: 60_000,
        enforcement: 'guarded',
      },
      policies: [{ id: 'a' }, { id: 'b' }],
      claims: ['context.rows'],
    });
  });

  it('denies and names a policy that errors, even where another permits', () => {
    const overflow =
      '@id("boom") forbid (principal, action, resource) when { context has rows && context.rows * 9223372036854775807 > 0 };';
    expect(loadWith(PERMIT + overflow).evaluate(request({ context: { rows: 2 } }))).toMatchObject({
      kind: 'deny',
      reason: 'evaluation_error',
      policies: [{ id: 'boom' }],
      errors: [expect.stringContaining('boom')],
    });
  });

  it.each([
    ['an action nobody declared', request({ action: { name: 'nope', properties: {} } })],
    ['an action named like a prototype', request({ action: { name: '__proto__', properties: {} } })],
    ['a resource type nobody declared', request({ resource: { type: 'Bucket', id: 'x', properties: {} } })],
    ['a resource the action is not for', request({ resource: { type: 'User', id: 'x', properties: {} } })],
    ['a requester the directory lacks', request({ subject: { type: 'Agent', id: 'other', properties: {} } })],
    ['a person as requester', request({ subject: { type: 'User', id: 'alice', properties: {} } })],
  ])('denies %s with a detail, and never throws', (_what, asked) => {
    const evaluation = loadWith(PERMIT).evaluate(asked);
    expect(outcomeOf(evaluation)).toBe('no_matching_permit');
    expect(evaluation.detail).not.toBe('');
  });

  it('answers a repeated question alike, and another context anew', () => {
    const loaded = loadWith(
      '@id("p") @require_approval("ops") permit (principal, action, resource) when { context has rows && context.rows < 5 };',
    );
    const small = request({ context: { rows: 1 } });
    expect(loaded.evaluate(small)).toEqual(loaded.evaluate(small));
    expect(outcomeOf(loaded.evaluate(request({ context: { rows: 6 } })))).toBe('no_matching_permit');
  });

  it('keeps more sets apart than Cedar is given names for', () => {
    const sets = Array.from({ length: 20 }, (_, nth) =>
      loadWith(`@id("p${nth}") permit (principal, action, resource);`),
    );
    for (const loaded of [...sets, ...sets.toReversed()]) {
      const evaluation = loaded.evaluate(request({ context: { rows: sets.indexOf(loaded) } }));
      expect(evaluation.policies).toEqual([{ id: `p${sets.indexOf(loaded)}`, description: '' }]);
    }
  });
});

describe('trusted and claimed', () => {
  const PROD =
    '@id("p") permit (principal, action, resource) when { resource has environment && resource.environment == "staging" };';

  it('never lets a property stand in for the catalogue', () => {
    const claim = { type: 'Dataset', id: 'unknown', properties: { environment: 'staging' } };
    expect(outcomeOf(loadWith(PROD).evaluate(request({ resource: claim })))).toBe('no_matching_permit');
  });

  it('never lets a property of the subject stand in for the directory', () => {
    const rule =
      '@id("p") permit (principal, action, resource) when { principal has owner && principal.owner == User::"bob" };';
    const subject = { type: 'Agent', id: 'bot', properties: { owner: { type: 'User', id: 'bob' } } };
    expect(outcomeOf(loadWith(rule).evaluate(request({ subject })))).toBe('no_matching_permit');
  });

  it.each([
    ['the owner', 'principal has owner && principal.owner == User::"alice"', {}],
    ["the owner's groups", 'principal has owner && principal.owner in Group::"owners"', {}],
    ['the initiator', 'principal has initiator && principal.initiator in Group::"ops"', { initiator: 'bob' }],
  ])('lets policies speak of %s', (_what, condition, properties: JsonObject) => {
    const loaded = loadWith(`@id("p") permit (principal, action, resource) when { ${condition} };`);
    const asked = request({ subject: { type: 'Agent', id: 'bot', properties } });
    expect(outcomeOf(loaded.evaluate(asked))).toBe('permit');
  });

  it('lets policies speak of the group that owns', () => {
    const loaded = loadWith(
      '@id("p") permit (principal, action, resource) when { principal has ownerGroup && principal.ownerGroup == Group::"ops" };',
    );
    const subject = (type: string, id: string) => request({ subject: { type, id, properties: {} } });
    expect(outcomeOf(loaded.evaluate(subject('Pipeline', 'ci')))).toBe('permit');
    expect(outcomeOf(loaded.evaluate(subject('Agent', 'bot')))).toBe('no_matching_permit');
  });
});

describe('conversion by declared type', () => {
  const evaluate = (context: JsonObject, rule: string, declared: string, types?: string) =>
    loadWith(
      `@id("p") @require_approval("ops") permit (principal, action in Action::"all", resource) when { ${rule} };`,
      {
        'schema.cedarschema': schemaWith(declared, types),
      },
    ).evaluate(request({ context, action: { name: 'export', properties: { mode: 'full' } } }));

  it.each([
    ['Long', '{ v?: Long }', -0, 'context has v && context.v == 0'],
    ['String', '{ v?: String }', 'x', 'context has v && context.v == "x"'],
    ['Bool', '{ v?: Bool }', true, 'context has v && context.v'],
    ['Set', '{ v?: Set<String> }', ['a', 'b'], 'context has v && context.v.contains("b")'],
    ['Record', '{ v?: { a: Long } }', { a: 1, c: 'stays out' }, 'context has v && context.v == {a: 1}'],
    ['common type', '{ v?: M }', { a: 1 }, 'context has v && context.v.a == 1'],
    ['entity', '{ v?: User }', { type: 'User', id: 'bob' }, 'context has v && context.v == User::"bob"'],
    ['decimal', '{ v?: decimal }', '1.25', 'context has v && context.v.lessThan(decimal("2.0"))'],
    ['ipaddr', '{ v?: ipaddr }', '10.0.0.1', 'context has v && context.v.isInRange(ip("10.0.0.0/8"))'],
    ['datetime', '{ v?: datetime }', '2026-01-01', 'context has v && context.v < datetime("2027-01-01")'],
    ['duration', '{ v?: duration }', '2h', 'context has v && context.v > duration("1h")'],
    [
      'action properties',
      '{ action?: { mode?: String } }',
      0,
      'context has action && context.action has mode && context.action.mode == "full"',
    ],
  ])('carries a %s', (_type, declared, v, rule) => {
    const evaluation = evaluate({ v }, rule, declared, 'type M = { a: Long };');
    expect({ outcome: outcomeOf(evaluation), errors: evaluation.errors }).toEqual({
      outcome: 'permit',
      errors: [],
    });
  });

  it.each([
    ['a text for a number', '{ v?: Long }', '5', 'context.v'],
    ['a fraction', '{ v?: Long }', 1.5, 'context.v'],
    ['a number beyond exactness', '{ v?: Long }', 2 ** 53, 'context.v'],
    ['null', '{ v?: String }', null, 'context.v'],
    ['a list for a record', '{ v?: { a: Long } }', [], 'context.v'],
    ['a record without its part', '{ v?: { a: Long } }', {}, 'context.v.a'],
    ['a list with a stranger', '{ v?: Set<Long> }', [1, 'x'], 'context.v[1]'],
    ['an entity of another type', '{ v?: User }', { type: 'Agent', id: 'x' }, 'context.v'],
    ['an escape for an entity', '{ v?: User }', { __entity: { type: 'User', id: 'x' } }, 'context.v'],
    ['an address that is none', '{ v?: ipaddr }', '10.0.0.256', 'context.v'],
    ['a decimal too long', '{ v?: decimal }', '1.23456', 'context.v'],
    ['a missing member', '{ v?: Long, w: Long }', 1, 'context.w'],
    ['action properties of another type', '{ action?: { mode?: Long } }', 0, 'action.properties.mode'],
  ])('denies %s and names it', (_what, declared, v, path) => {
    const evaluation = evaluate({ v }, 'true', declared);
    expect(outcomeOf(evaluation)).toBe('claim_type_mismatch');
    expect(evaluation.detail).toContain(`${path} must be`);
  });

  it('keeps out what the schema does not declare', () => {
    const context = JSON.parse('{"x": 1.5, "__proto__": {"v": true}, "action": {"mode": 7}}');
    expect(outcomeOf(evaluate(context, 'context has v && context.v', '{ v?: Bool }'))).toBe(
      'no_matching_permit',
    );
    expect(outcomeOf(evaluate(context, 'true', '{ v?: Bool }'))).toBe('permit');
  });

  it('takes an inherited member for none', () => {
    expect(outcomeOf(evaluate({}, 'true', '{ "toString"?: String, "constructor"?: Long }'))).toBe('permit');
  });
});

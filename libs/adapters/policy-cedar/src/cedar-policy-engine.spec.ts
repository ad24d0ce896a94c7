import { PolicySetError, type Diagnostic } from '@countersign/policy-engine';
import { describe, expect, it } from 'vitest';
import { loadWith } from './spec-helpers.ts';

const PERMIT = 'permit (principal, action, resource);\n';

const diagnosticsOf = (load: () => unknown): readonly Diagnostic[] => {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof PolicySetError)) throw error;
    return error.diagnostics;
  }
};
const found = (policies: string, files?: Record<string, string>): readonly string[] =>
  diagnosticsOf(() => loadWith(policies, files)).map(
    ({ file, line, code }) => `${file}:${line ?? ''} ${code}`,
  );

describe('loading a set', () => {
  it('takes every annotation it knows', () => {
    const text = `@id("a")
@description("d")
@require_approval("owners")
@quorum("10")
@expires_in("2h")
@grant_ttl("90s")
@escalate_after("30m")
@escalate_to("ops")
@notify("log slack:#prod>teams:ops>log")
@remind_after("10m")
@decide_via("slack api")
@controls("SOC2:CC6.1 NIST:AC-6(9)")
@enforcement("guarded")
@risk("critical")
${PERMIT}`;
    expect(diagnosticsOf(() => loadWith(text, {}, { channelKinds: ['log', 'slack', 'teams'] }))).toEqual([]);
  });

  it.each([
    ['a policy without id', PERMIT, 'a.cedar:1 missing_id'],
    ['an id without a value', `@id ${PERMIT}`, 'a.cedar:1 invalid_annotation'],
    ['an id twice', `@id("a")\n${PERMIT}\n@id("a")\n${PERMIT}`, 'a.cedar:4 duplicate_id'],
    ['an unknown annotation', `@id("a")\n@colour("red")\n${PERMIT}`, 'a.cedar:2 unknown_annotation'],
    ['an unknown group', `@id("a")\n@require_approval("nobody")\n${PERMIT}`, 'a.cedar:2 unknown_group'],
    [
      'a group of prototypes',
      `@id("a")\n@require_approval("toString")\n${PERMIT}`,
      'a.cedar:2 unknown_group',
    ],
    [
      'a quorum of none',
      `@id("a") @require_approval("ops")\n@quorum("0")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a quorum of eleven',
      `@id("a") @require_approval("ops")\n@quorum("11")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a time that is none',
      `@id("a") @require_approval("ops")\n@expires_in("soon")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    ['a grant time that is none', `@id("a")\n@grant_ttl("0s")\n${PERMIT}`, 'a.cedar:2 invalid_annotation'],
    ['a risk that is none', `@id("a")\n@risk("scary")\n${PERMIT}`, 'a.cedar:2 invalid_annotation'],
    [
      'a control without framework',
      `@id("a")\n@controls("CC6.1")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'an enforcement that is none',
      `@id("a")\n@enforcement("total")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'an enforcement it cannot hold',
      `@id("a")\n@enforcement("brokered")\n${PERMIT}`,
      'a.cedar:2 unenforceable_annotation',
    ],
    [
      'a channel nobody posts to',
      `@id("a") @require_approval("ops")\n@notify("log pager:ops")\n${PERMIT}`,
      'a.cedar:2 unenforceable_annotation',
    ],
    [
      'a channel to turn to that nobody posts to',
      `@id("a") @require_approval("ops")\n@notify("log>pager:ops")\n${PERMIT}`,
      'a.cedar:2 unenforceable_annotation',
    ],
    [
      'a route that ends nowhere',
      `@id("a") @require_approval("ops")\n@notify("log>")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a route that comes back',
      `@id("a") @require_approval("ops")\n@notify("log>slack:#prod>log")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a reminder every few seconds',
      `@id("a") @require_approval("ops")\n@remind_after("30s")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a place where nobody decides',
      `@id("a") @require_approval("ops")\n@decide_via("api phone")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    [
      'a channel that is none',
      `@id("a") @require_approval("ops")\n@notify("#prod")\n${PERMIT}`,
      'a.cedar:2 invalid_annotation',
    ],
    ['a quorum of nobody', `@id("a")\n@quorum("1")\n${PERMIT}`, 'a.cedar:2 annotation_without_approval'],
    [
      'an escalation to nobody',
      `@id("a") @require_approval("ops")\n@escalate_after("5m")\n${PERMIT}`,
      'a.cedar:2 incomplete_escalation',
    ],
    [
      'an escalation at no time',
      `@id("a") @require_approval("ops")\n@escalate_to("owners")\n${PERMIT}`,
      'a.cedar:2 incomplete_escalation',
    ],
    [
      'an escalation at the end',
      `@id("a") @require_approval("ops") @expires_in("15m")\n@escalate_after("15m") @escalate_to("owners")\n${PERMIT}`,
      'a.cedar:2 escalation_too_late',
    ],
    [
      'an escalation after the default hour',
      `@id("a") @require_approval("ops")\n@escalate_after("2h") @escalate_to("owners")\n${PERMIT}`,
      'a.cedar:2 escalation_too_late',
    ],
    [
      'an obligation on a forbid',
      `@id("a")\n@risk("high")\nforbid (principal, action, resource);`,
      'a.cedar:2 annotation_on_forbid',
    ],
    ['half a policy', `// é comment\n\n@id("a")\npermit (principal, action`, 'a.cedar:4 malformed_policy'],
    [
      'a template',
      `@id("a")\npermit (principal == ?principal, action, resource);`,
      'a.cedar:2 malformed_policy',
    ],
    ['an annotation twice', `@id("a")\n@id("b")\n${PERMIT}`, 'a.cedar:2 malformed_policy'],
    [
      'a member the schema lacks',
      `@id("a")\npermit (principal, action, resource)\n// ünïcode\nwhen { context.columns == 1 };`,
      'a.cedar:4 invalid_policy',
    ],
    [
      'an optional member taken for granted',
      `@id("a")\npermit (principal, action, resource)\nwhen { context.rows == 1 };`,
      'a.cedar:3 invalid_policy',
    ],
    [
      'an entity type the schema lacks',
      `@id("a")\npermit (principal, action, resource is Bucket);`,
      'a.cedar:2 invalid_policy',
    ],
  ])('refuses %s, with file and line', (_what, policies, expected) => {
    expect(found(policies)).toContain(expected);
  });

  it('says everything it found at once, over all files', () => {
    const broken = found(`permit (oops);\n\n@id("a")\n@colour("red")\n${PERMIT}`, {
      'b.cedar': `@id("a")\n@quorum("many")\n${PERMIT}`,
    });
    expect(broken).toEqual([
      'a.cedar:1 malformed_policy',
      'a.cedar:4 unknown_annotation',
      'b.cedar:2 annotation_without_approval',
      'b.cedar:1 duplicate_id',
    ]);
  });

  it('is not misled by policies in comments and semicolons in texts', () => {
    const text = `// @id("no") permit (principal, action, resource);\n@id("a;b") @description("; // \\" ;")\n${PERMIT} // ;`;
    expect(loadWith(text).warnings).toEqual([]);
  });

  it.each([
    ['no schema', 'entity {', 1],
    ['a type nobody declares', 'entity A;\nentity B in [C];', 2],
  ])('refuses a schema that is %s, with its line', (_what, schema, line) => {
    expect(found(`@id("a")\n${PERMIT}`, { 'schema.cedarschema': schema })).toContain(
      `schema.cedarschema:${line} malformed_schema`,
    );
  });

  const declared = (agent: string, dataset = '{}') => `entity Group; entity User in [Group];
entity Agent = ${agent}; entity Dataset = ${dataset};
action "export" appliesTo { principal: [Agent], resource: [Dataset] };`;

  it.each([
    ['a catalogued attribute that must be there', declared('{}', '{ environment: String }')],
    ['an owner that must be a person', declared('{ owner: User }')],
    ['an owner that is a text', declared('{ owner?: String }')],
    ['an initiator that is a text', declared('{ initiator?: String }')],
    ['a member that Cedar takes for an escape', declared('{}', '{ "__entity"?: String }')],
    [
      'an action in a namespace',
      `${declared('{}')} namespace N { action x appliesTo { principal: [Agent], resource: [Agent] }; }`,
    ],
  ])('refuses a schema that declares %s', (_what, schema) => {
    expect(found(`@id("a")\n${PERMIT}`, { 'schema.cedarschema': schema })).toContain(
      'schema.cedarschema: malformed_schema',
    );
  });

  it.each([
    ['a resource type the schema lacks', '{ type: Bucket, id: x, attributes: {} }', 'unknown_resource_type'],
    [
      'a value of another type',
      '{ type: Dataset, id: x, attributes: { environment: 7 } }',
      'invalid_attribute',
    ],
  ])('refuses a catalogue with %s, with its line', (_what, entry, code) => {
    const resources = `trusted: [environment]\nresources:\n  - ${entry}\n`;
    expect(found(`@id("a")\n${PERMIT}`, { 'resources.yaml': resources })).toEqual([
      `resources.yaml:3 ${code}`,
    ]);
  });
});

describe('warnings', () => {
  const warningsOf = (annotations: string, rule: string): readonly string[] =>
    loadWith(`@id("a")\n${annotations} ${rule};`).warnings.map(({ line, code }) => `${line} ${code}`);

  it.each([
    ['the context', 'when { context has rows && context.rows < 5 }'],
    ['the context as a whole', 'when { context == context }'],
    ['an uncatalogued property', 'when { resource has size }'],
    ['the initiator', 'when { principal has initiator }'],
  ])('tell where a permit without approval rests on %s', (_what, condition) => {
    expect(warningsOf('', `permit (principal, action, resource) ${condition}`)).toEqual([
      '1 permit_rests_on_claim',
    ]);
  });

  it('tell where a forbid rests on a claim', () => {
    expect(warningsOf('', 'forbid (principal, action, resource) unless { context has rows }')).toEqual([
      '1 forbid_rests_on_claim',
    ]);
  });

  it.each([
    ['a claim only adds an approval', '@require_approval("ops")', 'when { context has rows }'],
    ['the catalogue decides', '', 'when { resource has environment && resource.environment == "dev" }'],
    ['the directory decides', '', 'when { principal has owner && principal.owner in Group::"ops" }'],
    ['names decide', '', 'when { resource == Dataset::"x" || principal == Agent::"bot" }'],
  ])('keep silent where %s', (_what, annotations, condition) => {
    expect(warningsOf(annotations, `permit (principal, action, resource) ${condition}`)).toEqual([]);
  });
});

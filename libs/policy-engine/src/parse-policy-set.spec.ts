import { describe, expect, it } from 'vitest';
import { parsePolicySet } from './parse-policy-set.ts';
import { PolicySetError } from './policy-set-error.ts';
import type { PolicyFile } from './policy-set.ts';
import { filesWith } from './spec-helpers.ts';

const found = (files: readonly PolicyFile[]): readonly string[] => {
  try {
    parsePolicySet(files);
    return [];
  } catch (error) {
    if (!(error instanceof PolicySetError)) throw error;
    return error.diagnostics.map(({ file, line, code }) => `${file}:${line ?? ''} ${code}`);
  }
};

const persons = (rest: string): string => `persons:
  - id: alice
    name: Alice
    identities:
      - { issuer: i, sub: a }
  - id: bob
    name: Bob
    channels: [{ channel: slack, tenant: T, user: U }]
${rest}`;
const NOBODY = 'requesters: []\n';

describe('parsePolicySet', () => {
  it('takes a whole set, and its digest is nothing but its files', () => {
    const set = parsePolicySet(filesWith());
    expect(parsePolicySet(filesWith().toReversed()).digest).toBe(set.digest);
    expect(parsePolicySet(filesWith({ 'a.cedar': '// nothing\n' })).digest).not.toBe(set.digest);
    expect(set.directory.requesters[0]?.owner).toEqual({ type: 'User', id: 'alice' });
  });

  it('gives a directory its own digest, which comments do not change', () => {
    const content = filesWith().find(({ path }) => path === 'directory.yaml')?.content ?? '';
    const commented = parsePolicySet(filesWith({ 'directory.yaml': `# who is who\n${content}` }));
    expect(commented.directoryDigest).toBe(parsePolicySet(filesWith()).directoryDigest);
    expect(commented.digest).not.toBe(parsePolicySet(filesWith()).digest);
  });

  it.each([
    ['an unknown member', persons(`groups: {}\n${NOBODY}colour: red\n`), 'directory.yaml:11 unknown_member'],
    ['a member twice', persons(`groups: {}\ngroups: {}\n${NOBODY}`), 'directory.yaml:10 duplicate_key'],
    [
      'a person twice',
      persons(`  - { id: alice, name: A }\ngroups: {}\n${NOBODY}`),
      'directory.yaml:9 duplicate_id',
    ],
    ['a missing member', persons('groups: {}\n'), 'directory.yaml:1 invalid_member'],
    [
      'a token identity of two persons',
      persons(`  - { id: eve, name: E, identities: [{ issuer: i, sub: a }] }\ngroups: {}\n${NOBODY}`),
      'directory.yaml:9 duplicate_identity',
    ],
    [
      'a chat identity of two persons',
      persons(
        `  - { id: eve, name: E, channels: [{ channel: slack, tenant: T, user: U }] }\ngroups: {}\n${NOBODY}`,
      ),
      'directory.yaml:9 duplicate_identity',
    ],
    [
      'an account of Slack that stands for two persons, in two workspaces',
      persons(
        `  - { id: eve, name: E, channels: [{ channel: slack, tenant: T2, user: U }] }\ngroups: {}\n${NOBODY}`,
      ),
      'directory.yaml:9 duplicate_identity',
    ],
    [
      'ids of Entra that are not written as Teams tells them',
      persons(
        `  - { id: eve, name: E, channels: [{ channel: teams, tenant: t, user: A-B }] }\ngroups: {}\n${NOBODY}`,
      ),
      'directory.yaml:9 invalid_member',
    ],
    [
      'an identity of a person and a requester',
      persons(
        'groups: {}\nrequesters:\n  - { type: Agent, id: x, owner: { person: bob }, identities: [{ issuer: i, sub: a }] }\n',
      ),
      'directory.yaml:11 duplicate_identity',
    ],
    [
      'a stranger in a group',
      persons(`groups: { g: [alice, eve] }\n${NOBODY}`),
      'directory.yaml:9 unknown_person',
    ],
    [
      'a stranger in a role',
      persons(`groups: {}\nroles: { auditors: [eve] }\n${NOBODY}`),
      'directory.yaml:10 unknown_person',
    ],
    [
      'an unknown owner',
      persons('groups: {}\nrequesters:\n  - { type: Agent, id: x, owner: { group: g }, identities: [] }\n'),
      'directory.yaml:11 unknown_owner',
    ],
    [
      'a person as requester',
      persons('groups: {}\nrequesters:\n  - { type: User, id: x, owner: { person: bob }, identities: [] }\n'),
      'directory.yaml:11 invalid_member',
    ],
    ['an alias', persons(`groups: { g: &g [alice], h: *g }\n${NOBODY}`), 'directory.yaml:9 malformed_yaml'],
    ['a tag', persons(`groups: { g: !thing [alice] }\n${NOBODY}`), 'directory.yaml:9 malformed_yaml'],
    ['no YAML at all', '{', 'directory.yaml:1 malformed_yaml'],
    [
      'a prototype for a group',
      persons(`groups: { __proto__: [alice] }\n${NOBODY}`),
      'directory.yaml:9 malformed_yaml',
    ],
  ])('refuses %s, with file and line', (_what, directory, expected) => {
    expect(found(filesWith({ 'directory.yaml': directory }))).toContain(expected);
  });

  it.each([
    [
      'an attribute that is not trusted',
      '{ type: T, id: x, attributes: { size: 1 } }',
      'resources.yaml:3 untrusted_attribute',
    ],
    ['a fraction', '{ type: T, id: x, attributes: { environment: 1.5 } }', 'resources.yaml:3 invalid_member'],
    ['a type that is none', '{ type: "T x", id: x, attributes: {} }', 'resources.yaml:3 invalid_member'],
  ])('refuses a catalogue with %s', (_what, entry, expected) => {
    const content = `trusted: [environment]\nresources:\n  - ${entry}\n`;
    expect(found(filesWith({ 'resources.yaml': content }))).toEqual([expected]);
  });

  it.each([
    ['the same pattern twice', ['x', 'prod'], ['x', 'prod'], true],
    ['overlapping patterns that disagree', ['prod-*', 'prod'], ['*-staging', 'staging'], true],
    ['overlapping patterns that agree', ['prod-*', 'prod'], ['*-live', 'prod'], false],
    ['a pattern within another', ['prod-*', 'prod'], ['prod-x-*', 'staging'], false],
    ['patterns apart', ['a*', 'prod'], ['b*', 'staging'], false],
  ] as const)(
    'tells whether a resource would have two answers: %s',
    (_what, [a, first], [b, second], ambiguous) => {
      const entry = (id: string, environment: string) =>
        `  - { type: T, id: '${id}', attributes: { environment: ${environment} } }\n`;
      const content = `trusted: [environment]\nresources:\n${entry(a, first)}${entry(b, second)}`;
      const expected = ambiguous ? ['resources.yaml:4 ambiguous_entry'] : [];
      expect(found(filesWith({ 'resources.yaml': content }))).toEqual(expected);
    },
  );

  it('names every missing file, and every file that is none of a set', () => {
    expect(found([{ path: 'directory.yml', content: '' }])).toEqual([
      'schema.cedarschema: missing_file',
      'directory.yaml: missing_file',
      'resources.yaml: missing_file',
      '*.cedar: missing_file',
      'directory.yml: foreign_file',
    ]);
  });

  it('says everything it found at once', () => {
    const files = filesWith({ 'directory.yaml': '{', 'resources.yaml': 'trusted: 1\n' });
    expect(new Set(found(files).map((one) => one.split(':')[0]))).toEqual(
      new Set(['directory.yaml', 'resources.yaml']),
    );
  });
});

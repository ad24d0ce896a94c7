import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Evaluation } from '@countersign/domain-review';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeObligations } from './merge-obligations.ts';
import type { PolicyEngine } from './policy-engine.ts';
import { readPolicyFolder } from './read-policy-folder.ts';
import { runPolicyTests } from './run-policy-tests.ts';
import { filesWith } from './spec-helpers.ts';

/** Permits with one approval of `owners`; the action `no` it denies. */
const engine: PolicyEngine = {
  load: (set) => ({
    set,
    warnings: [],
    evaluate: ({ action }): Evaluation => {
      const facts = {
        policySetDigest: set.digest,
        directoryDigest: set.directoryDigest,
        detail: 'Because.',
        policies: [{ id: 'p', description: '' }],
        errors: [],
        catalogue: {},
        claims: [],
      };
      if (action.name === 'no') return { ...facts, kind: 'deny', reason: 'forbidden' };
      const approval = { group: 'owners', quorum: 1, expiresInMs: 900_000 };
      return {
        ...facts,
        kind: 'permit',
        obligations: mergeObligations([{ approval, channels: [], controls: [] }]),
      };
    },
  }),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (changed: Readonly<Record<string, string | Uint8Array>>): Promise<void> => {
  const files = Object.fromEntries(filesWith().map(({ path, content }) => [path, content]));
  for (const [path, content] of Object.entries({ ...files, ...changed })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
};

const RESOURCES = `trusted: [environment]
resources: [{ type: Dataset, id: x, attributes: { environment: prod } }]
`;
const DIRECTORY = `persons: [{ id: alice, name: A }, { id: bob, name: B }]
groups: { owners: [alice] }
requesters:
  - { type: Agent, id: alices, owner: { person: alice }, identities: [] }
  - { type: Agent, id: bobs, owner: { person: bob }, identities: [] }
`;
const testOf = (subject: string, action: string, expected: string, resource = 'Dataset::"x"'): string =>
  `cases:\n  - name: a case\n    subject: Agent::"${subject}"\n    action: ${action}\n    resource: ${resource}\n    expect: ${expected}\n`;

const runOne = async (content: string) => {
  await write({ 'a.test.yaml': content, 'directory.yaml': DIRECTORY, 'resources.yaml': RESOURCES });
  return (await runPolicyTests(folder, engine)).results[0];
};

describe('policy tests', () => {
  it.each([
    [
      'held',
      testOf(
        'bobs',
        'yes',
        '{ outcome: review, reason: review_required, groups: { owners: 1 }, expires_in: 15m }',
      ),
    ],
    ['denied by policy', testOf('bobs', 'no', '{ outcome: denied, reason: forbidden, policies: [p] }')],
    [
      'denied since nobody may decide',
      testOf('alices', 'yes', '{ outcome: denied, reason: no_eligible_quorum }'),
    ],
    [
      'refused since it contradicts the catalogue',
      testOf(
        'bobs',
        'yes',
        '{ outcome: refused, reason: property_conflict }',
        '{ type: Dataset, id: x, properties: { environment: dev } }',
      ),
    ],
  ])('pass where a request is %s as expected', async (_what, content) => {
    expect(await runOne(content)).toEqual({ file: 'a.test.yaml', line: 2, name: 'a case', passed: true });
  });

  it('say in one sentence what came instead', async () => {
    const expected = '{ outcome: permitted, reason: permitted, groups: {}, grant_ttl: 1m, policies: [q] }';
    expect(await runOne(testOf('bobs', 'yes', expected))).toMatchObject({
      passed: false,
      diff:
        'outcome is review, expected permitted; reason is review_required, expected permitted; ' +
        'groups is owners: 1, expected none; grant_ttl is 300000 ms, expected 60000 ms; policies is p, expected q. Because.',
    });
  });

  it.each([
    [
      'an unknown member',
      testOf('bobs', 'yes', '{ outcome: review, reason: x, colour: red }'),
      6,
      'unknown_member',
    ],
    [
      'a subject that is none',
      testOf('bobs', 'yes', '{ outcome: review, reason: x }').replace('Agent::', 'Agent:'),
      3,
      'invalid_member',
    ],
    [
      'a time that is none',
      testOf('bobs', 'yes', '{ outcome: review, reason: x, expires_in: soon }'),
      6,
      'invalid_member',
    ],
    [
      'a context no request may have',
      `${testOf('bobs', 'yes', '{ outcome: review, reason: x }')}    context: { command: 7 }\n`,
      2,
      'invalid_field',
    ],
  ])('are refused with %s, by file and line', async (_what, content, line, code) => {
    await expect(runOne(content)).rejects.toMatchObject({
      diagnostics: [{ file: 'a.test.yaml', line, code }],
    });
  });
});

describe('readPolicyFolder', () => {
  it('reads what makes a set, subfolders included, and nothing else', async () => {
    await write({ 'more/b.cedar': '', 'a.test.yaml': '', 'README.md': '', 'old/directory.yaml': '' });
    expect((await readPolicyFolder(folder)).map(({ path }) => path)).toEqual([
      'a.cedar',
      'directory.yaml',
      'more/b.cedar',
      'resources.yaml',
      'schema.cedarschema',
    ]);
  });

  it('refuses a file that is not UTF-8', async () => {
    await write({ 'b.cedar': new Uint8Array([0xff, 0xfe]) });
    await expect(readPolicyFolder(folder)).rejects.toMatchObject({
      diagnostics: [{ file: 'b.cedar', code: 'malformed_utf8' }],
    });
  });

  it('says which folder it could not read', async () => {
    const missing = join(folder, 'missing');
    await expect(readPolicyFolder(missing)).rejects.toMatchObject({
      code: 'policy_folder_unreadable',
      field: missing,
    });
  });
});

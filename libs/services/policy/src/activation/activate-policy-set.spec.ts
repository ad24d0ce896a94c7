import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Caller, LogFields } from '@countersign/service-host';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acmeFiles, agent, EXPORT, person, PolicyWorld } from '../spec-helpers.ts';
import { SeedPolicySet } from './seed-policy-set.ts';
import { ShowPolicySet } from './show-policy-set.ts';

const ACME = fileURLToPath(new URL('../../../../../deploy/samples/acme', import.meta.url));
const changed = () => acmeFiles({ 'data.cedar': (text) => text.replace('@quorum("1")', '@quorum("2")') });

const setUp = async () => {
  const world = await PolicyWorld.with();
  const replica = world.replica();
  const activeDigest = async () => (await replica.policies.current()).set.digest;
  const replaces = await activeDigest();
  const activate = async (
    by: Caller,
    body: Partial<Parameters<typeof replica.activatePolicySet.activate>[0]> = {},
  ) => replica.activatePolicySet.activate({ files: [...(await changed())], replaces, ...body }, by);
  return { world, replica, replaces, activeDigest, activate };
};

describe('ActivatePolicySet', () => {
  it('puts the whole set in force from the moment it answers', async () => {
    const { world, replica, replaces, activeDigest, activate } = await setUp();
    const { isNew, view } = await activate(person('carol'));
    expect({ isNew, view }).toMatchObject({
      isNew: true,
      view: { replaces, by: 'User::"carol"', warnings: [] },
    });
    expect(await activeDigest()).toBe(view.digest);
    const id = await world.submit(EXPORT);
    const loaded = await replica.ensureEvaluated.ensure(id);
    expect(loaded?.review).toMatchObject({ record: { opened: { requirements: [{ quorum: 2 }] } } });
  });

  it('answers the same activation again as the first time', async () => {
    const { world, activate } = await setUp();
    const first = await activate(person('carol'));
    world.clock.advance(60_000);
    await expect(activate(person('carol'))).resolves.toEqual({ isNew: false, view: first.view });
  });

  it('is refused where another set is active than the author saw; one of two at once wins', async () => {
    const { activate, activeDigest } = await setUp();
    const other = [...(await acmeFiles({ 'never.cedar': (text) => `${text}\n// stricter\n` }))];
    const results = await Promise.allSettled([
      activate(person('carol')),
      activate(person('carol'), { files: other }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'policy_set_changed', field: 'replaces' }),
    });
    await expect(activate(person('carol'), { files: other, replaces: 'A'.repeat(43) })).rejects.toMatchObject(
      {
        code: 'policy_set_changed',
      },
    );
    expect(await activeDigest()).not.toBe('A'.repeat(43));
  });

  it.each([
    ['an approver', person('alice')],
    ['an auditor', person('dave')],
    ['a requester', agent('etl-bot')],
  ])('is not for %s', async (_who, by) => {
    const { activate, activeDigest, replaces } = await setUp();
    await expect(activate(by)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await activeDigest()).toBe(replaces);
  });

  it('refuses a set that does not load, with every diagnostic by file and line', async () => {
    const { activate, activeDigest, replaces } = await setUp();
    const files = await acmeFiles({
      'data.cedar': (text) =>
        text.replace('"data-owners"', '"nobody"').replace('@quorum("2")', '@quorum("11")'),
    });
    const refused = activate(person('carol'), { files: [...files] });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_policy_set',
      diagnostics: [
        expect.objectContaining({ file: 'data.cedar', line: expect.any(Number) }),
        expect.objectContaining({ file: 'data.cedar', line: expect.any(Number) }),
      ],
    });
    expect(await activeDigest()).toBe(replaces);
  });

  it('warns where nobody could activate the next set', async () => {
    const { activate } = await setUp();
    const files = await acmeFiles({
      'directory.yaml': (text) => text.replace('  policy-admins: [carol]\n', ''),
    });
    const { view } = await activate(person('carol'), { files: [...files] });
    expect(view.warnings).toEqual([expect.stringContaining('no_policy_admin')]);
  });
});

describe('ShowPolicySet', () => {
  it('shows persons the set with its files, and nobody else', async () => {
    const { replica, replaces } = await setUp();
    const show = new ShowPolicySet(replica);
    await expect(show.show(person('dave'))).resolves.toMatchObject({ digest: replaces, by: 'User::"carol"' });
    await expect(show.show(agent('etl-bot'))).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('SeedPolicySet', () => {
  const folderWith = async (file?: string, content = '') => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(ACME, folder, { recursive: true });
    if (file !== undefined) await writeFile(join(folder, file), content);
    return folder;
  };

  const seeding = (world: PolicyWorld) => {
    const lines: string[] = [];
    const write = (message: string, _fields?: LogFields) => lines.push(message);
    const log = { ...world.log, info: write, warn: write };
    const replica = world.replica();
    return { lines, replica, seed: new SeedPolicySet({ ...replica, log }) };
  };

  it('gives an empty store the folder; two replicas at once give it once', async () => {
    const world = new PolicyWorld();
    const [one, two] = [seeding(world), seeding(world)];
    await Promise.all([one.seed.seed(ACME), two.seed.seed(ACME)]);
    const active = await one.replica.policySets.read();
    expect(active?.set.digest).toBe((await two.replica.policies.current()).set.digest);
    expect(
      (await world.store.readStream('policyset-active')).filter(({ type }) => type === 'PolicySetActivated'),
    ).toHaveLength(1);
  });

  it('keeps the active set where the folder differs or is broken, and says so', async () => {
    const world = await PolicyWorld.with();
    for (const folder of [
      await folderWith('extra.cedar', '// new\n'),
      await folderWith('data.cedar', 'permit'),
    ]) {
      const { lines, replica, seed } = seeding(world);
      const before = (await replica.policies.current()).set.digest;
      await seed.seed(folder);
      expect((await replica.policies.current()).set.digest).toBe(before);
      expect(lines).toEqual([expect.stringContaining('stays in force')]);
    }
  });

  it('says nothing where the folder is what is active', async () => {
    const world = await PolicyWorld.with();
    const { lines, seed } = seeding(world);
    await seed.seed(ACME);
    await seed.seed(undefined);
    expect(lines).toEqual([]);
  });

  it('fails the start of an empty store on a folder that does not load', async () => {
    const world = new PolicyWorld();
    const folder = await folderWith('data.cedar', 'permit');
    await expect(seeding(world).seed.seed(folder)).rejects.toMatchObject({ code: 'invalid_policy_set' });
    expect(await world.store.readStream('policyset-active')).toEqual([]);
  });
});

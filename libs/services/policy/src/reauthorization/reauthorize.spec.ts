import { describe, expect, it } from 'vitest';
import { deciderByToken } from '../decisions/decider.ts';
import { acmeFiles, EXPORT, person, PolicyWorld } from '../spec-helpers.ts';

const approvedWorld = async () => {
  const world = await PolicyWorld.with();
  const id = await world.submit(EXPORT);
  const replica = world.replica();
  await replica.recordDecision.record(
    { requestId: id, decision: 'approve', reason: 'ok', digest: await world.digestOf(id) },
    deciderByToken(person('alice')),
  );
  return { world, id, replica };
};

const FORBID = `
@id("freeze")
@description("Nothing leaves during the audit")
forbid (principal, action == Action::"data.export", resource is Dataset);
`;

describe('Reauthorize', () => {
  it('authorizes what the set of this moment still permits, naming set and directory', async () => {
    const { world, id, replica } = await approvedWorld();
    const { set } = await world.replica().policies.current();
    await expect(replica.reauthorize.ask(id)).resolves.toEqual({
      authorized: true,
      policySetDigest: set.digest,
      directoryDigest: set.directoryDigest,
    });
  });

  it.each([
    ['a forbid was added', { 'never.cedar': (text: string) => text + FORBID }],
    [
      'the permit is gone',
      { 'data.cedar': (text: string) => text.replaceAll('"data.export"', '"data.read"') },
    ],
    [
      'more persons are asked for',
      { 'data.cedar': (text: string) => text.replaceAll('@quorum("1")', '@quorum("2")') },
    ],
    [
      'another group is asked for',
      { 'data.cedar': (text: string) => text.replaceAll('("data-owners")', '("platform")') },
    ],
    [
      'stricter enforcement is asked for',
      { 'data.cedar': (text: string) => text.replaceAll('@quorum', '@enforcement("guarded")\n@quorum') },
    ],
    [
      'the approver left the group',
      { 'directory.yaml': (text: string) => text.replace('[alice, bob]', '[bob]') },
    ],
    [
      'the approver was suspended',
      {
        'directory.yaml': (text: string) =>
          text.replace('  - id: alice\n', '  - id: alice\n    verified: false\n'),
      },
    ],
    [
      'the approver has become the owner',
      { 'directory.yaml': (text: string) => text.replace('{ person: carol }', '{ person: alice }') },
    ],
  ])('does not where %s, and appends nothing itself', async (_why, changes) => {
    const { world, id, replica } = await approvedWorld();
    const before = await world.reviewTypes(id);
    await world.activate(await acmeFiles(changes));
    await expect(replica.reauthorize.ask(id)).resolves.toMatchObject({ authorized: false });
    expect(await world.reviewTypes(id)).toEqual(before);
  });

  it('proves no approval where there is none', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    await expect(world.replica().reauthorize.ask(id)).rejects.toMatchObject({ code: 'approval_not_proven' });
  });

  it('knows nothing of a request that does not exist', async () => {
    const world = await PolicyWorld.with();
    await expect(
      world.replica().reauthorize.ask('11111111-1111-4111-8111-111111111111'),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { FakeUser } from '@countersign/fake-slack';
import { ACME, startWorld, type SlackWorldOfTests } from '../spec-helpers.ts';

let world: SlackWorldOfTests;
afterEach(() => world.stop());

const GRID = { ...ACME, enterpriseId: 'E0ACME' };

const objection = async (user: Partial<FakeUser>, team = ACME, tenant = 'T0ACME') => {
  const who = { id: 'U0WHO', team: 'T0ACME', ...user };
  world = await startWorld(
    { users: [who], channels: [{ id: 'C0PROD', team: 'T0ACME', members: ['U0BOT', 'U0WHO'] }] },
    [team],
  );
  return world.channel.notifier.objectionTo({ channel: 'slack', tenant, user: 'U0WHO' });
};

describe('an account', () => {
  it('of the workspace may speak for a person', async () => {
    expect(await objection({})).toBeUndefined();
  });

  it.each([
    ['that is deactivated', { kind: 'deleted' }],
    ['of a bot', { kind: 'bot' }],
    ['of a workflow', { kind: 'workflow-bot' }],
    ['of a guest', { kind: 'restricted' }],
    ['of a single-channel guest', { kind: 'ultra-restricted' }],
    ['of a stranger', { kind: 'stranger' }],
    ['of another workspace', { team: 'T0OTHER' }],
    ['of nobody', { id: 'U0OTHER' }],
  ] satisfies [string, Partial<FakeUser>][])('%s may not', async (_, user) => {
    expect(await objection(user)).toEqual(expect.any(String));
  });

  it.each([
    ['a member of the workspace', { id: 'E0ACME', teams: ['T0ACME'] }, true],
    ['a member of another workspace alone', { id: 'E0ACME', teams: ['T0OTHER'] }, false],
    ['of another organisation', { id: 'E0OTHER', teams: ['T0ACME'] }, false],
  ])('with its home elsewhere in an organisation: %s', async (_, enterprise, may) => {
    expect((await objection({ team: 'T0HOME', enterprise }, GRID)) === undefined).toBe(may);
  });

  it('of a workspace that the settings lack may not', async () => {
    expect(await objection({}, ACME, 'T0OTHER')).toEqual(expect.any(String));
  });

  it('waits while Slack cannot be asked', async () => {
    world = await startWorld();
    world.slack.order({ method: 'users.info', fault: { kind: 'status', status: 503 } });
    await expect(
      world.channel.notifier.objectionTo({ channel: 'slack', tenant: 'T0ACME', user: 'U0ALICE' }),
    ).rejects.toMatchObject({ code: 'channel_unavailable' });
  });
});

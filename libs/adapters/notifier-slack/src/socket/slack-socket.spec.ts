import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '@countersign/fake-slack';
import { ACTIONS } from '../pointer.ts';
import { ACME, delivery, sheet, startWorld, type SlackWorldOfTests } from '../spec-helpers.ts';

const TEAM = { ...ACME, appToken: 'xapp-acme' };

let world: SlackWorldOfTests;
beforeEach(async () => {
  world = await startWorld({ ackWithinMs: 10_000 }, [TEAM]);
  await world.channel.notifier.post(delivery(sheet));
});
afterEach(() => world.stop());

const open = async (): Promise<void> => {
  await world.channel.start?.();
  await ready();
};
const ready = () => world.slack.until(() => (world.channel.ready?.() === undefined ? true : undefined));
const approve = async () => {
  await world.slack.clickButton(world.slack.messages()[0]!, ACTIONS.approve, 'U0ALICE');
  return world.slack.submitView(world.slack.viewOf('U0ALICE')!, { reason: 'Seen.' });
};

describe('Socket Mode', () => {
  it('receives nothing before it is started, and is not ready', async () => {
    expect(world.channel.ready?.()).toEqual(expect.any(String));
    expect(world.slack.connections(TEAM.appToken)).toBe(0);
  });

  it('brings clicks to the desk, and acknowledges them once they stand', async () => {
    await open();
    expect(await approve()).toEqual({ status: 200, body: '' });
    expect(world.desk.clicks).toMatchObject([{ decision: 'approve', identity: { user: 'U0ALICE' } }]);
    await world.slack.until(() => world.slack.ephemerals('U0ALICE').at(-1));
  });

  it('leaves the modal open with what went wrong', async () => {
    await open();
    world.desk.failure = new Error('store_unavailable');
    expect(await approve()).toMatchObject({ body: expect.stringContaining('errors') });
    expect(world.desk.clicks).toEqual([]);
  });

  it.each([
    ['asks it to come again', () => world.slack.refreshSockets()],
    ['drops it', () => world.slack.dropSockets()],
  ])('comes back where Slack %s', async (_, end) => {
    await open();
    const opened = world.slack.calls.filter(({ method }) => method === 'apps.connections.open').length;
    end();
    await world.slack.until(() =>
      world.slack.calls.filter(({ method }) => method === 'apps.connections.open').length > opened
        ? true
        : undefined,
    );
    await ready();
    await world.slack.until(() => (world.slack.connections(TEAM.appToken) === 1 ? true : undefined));
    expect(await approve()).toMatchObject({ status: 200 });
  });

  it.each([
    ['fails', { kind: 'status', status: 500 }],
    ['takes the app for nobody', { kind: 'refuse', code: 'invalid_auth' }],
    ['has had enough for now', { kind: 'status', status: 429, retryAfterS: 1 }],
  ] satisfies [string, Fault][])(
    'tries again where no socket can be had since Slack %s',
    async (_, fault) => {
      world.slack.order({ method: 'apps.connections.open', times: 2, fault });
      await open();
      expect(await approve()).toMatchObject({ status: 200 });
    },
  );

  it('leaves no socket behind where it is stopped while one is being opened', async () => {
    await world.channel.start?.();
    await world.channel.stop?.();
    await world.slack.until(() => (world.slack.openedSockets() === 1 ? true : undefined));
    await world.slack.until(() => (world.slack.connections(TEAM.appToken) === 0 ? true : undefined));
  });

  it('closes when it is stopped, and receives nothing more', async () => {
    await open();
    await world.channel.stop?.();
    await world.slack.until(() => (world.slack.connections(TEAM.appToken) === 0 ? true : undefined));
    expect(world.channel.ready?.()).toEqual(expect.any(String));
  });

  it('takes no signed call: there is no secret to sign one with', async () => {
    const call = world.slack.sign({ type: 'view_closed' }, { secret: ACME.signingSecret });
    expect(await world.channel.webhook?.({ path: 'interactions', ...call })).toEqual({ status: 401 });
  });
});

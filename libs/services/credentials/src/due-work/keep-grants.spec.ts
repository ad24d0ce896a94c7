import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { View } from '@countersign/follower';
import { Lifecycle, SILENT_LOGGER } from '@countersign/service-host';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DAY_MS, GrantWorld, MINUTE_MS } from '../spec-helpers.ts';
import { dueGrants, GRANTS_PROJECTION } from './grants-projection.ts';
import { keepGrants } from './keep-grants.ts';

const TTL_MS = 5 * MINUTE_MS;

let folder: string;
let world: GrantWorld;
const running: Lifecycle[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-keep-grants-'));
  world = await GrantWorld.acme();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const start = async (file = 'grants.db') => {
  const lifecycle = new Lifecycle(SILENT_LOGGER);
  const context = {
    ...world.context(),
    service: 'credentials',
    lifecycle,
    viewPath: () => join(folder, file),
  } as const;
  keepGrants(context, world.replica().endGrant);
  running.push(lifecycle);
  await lifecycle.start();
  await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
  return lifecycle;
};

const stop = async (lifecycle: Lifecycle) => {
  running.splice(running.indexOf(lifecycle), 1);
  expect(await lifecycle.stop(5_000)).toBe(true);
};

const eventually = (id: string, types: readonly string[]) =>
  vi.waitFor(async () => expect(await world.types('grant', id)).toEqual(types), { timeout: 10_000 });

const claimed = async () => {
  const id = await world.approved();
  const etlBot = await world.caller('Agent::"etl-bot"');
  const { view } = await world.replica().claimGrant.claim(id, etlBot);
  const redeem = async () => world.replica().redeem(etlBot, await world.redemption(id, view.token));
  return { id, redeem };
};

describe('keeping grants in time', () => {
  it('ends a claimed grant and one that nobody came for at their deadline, once, with two replicas', async () => {
    const { id } = await claimed();
    const unclaimed = await world.approved();
    await start('a.db');
    await start('b.db');
    world.clock.advance(TTL_MS);
    await eventually(id, ['GrantOpened', 'TokenIssued', 'GrantExpired']);
    await eventually(unclaimed, ['GrantOpened', 'GrantExpired']);
    expect(world.counted('requests')).toEqual([{ status: 'grant_expired' }, { status: 'grant_expired' }]);
  });

  it('ends nothing before its time', async () => {
    const { id } = await claimed();
    const unclaimed = await world.approved();
    const { endGrant } = world.replica();
    world.clock.advance(TTL_MS - 1);
    await endGrant.ensure(id);
    await endGrant.ensure(unclaimed);
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued']);
    expect(await world.types('grant', unclaimed)).toEqual([]);
  });

  it('says a day after a redemption that nothing was reported, and nothing earlier', async () => {
    const { id, redeem } = await claimed();
    await redeem();
    const redeemed = ['GrantOpened', 'TokenIssued', 'GrantRedeemed'];
    world.clock.advance(DAY_MS - 1);
    await world.replica().endGrant.ensure(id);
    expect(await world.types('grant', id)).toEqual(redeemed);
    await start();
    world.clock.advance(1);
    await eventually(id, [...redeemed, 'ExecutionUnreported']);
  });

  it('does after a restart what fell due meanwhile, from its view or without it', async () => {
    const [{ id: kept }, { id: lost }] = [await claimed(), await claimed()];
    const first = await start();
    await stop(first);
    world.clock.advance(TTL_MS);
    await start();
    await eventually(kept, ['GrantOpened', 'TokenIssued', 'GrantExpired']);
    await eventually(lost, ['GrantOpened', 'TokenIssued', 'GrantExpired']);
    await start('begun-anew.db');
    expect(await world.types('grant', kept)).toHaveLength(3);
  });

  it('is held up by no record that can not be trusted, and raises the alarm', async () => {
    const forged = await world.open();
    await world.forge('policy', 'review', forged, { type: 'ReviewApproved', data: { grantExpiresAt: 7 } });
    const unclaimed = await world.approved();
    await start();
    world.clock.advance(TTL_MS);
    await eventually(unclaimed, ['GrantOpened', 'GrantExpired']);
    expect(world.counted('alarms')).toContainEqual({ code: 'signature_invalid' });
    expect(await world.types('grant', forged)).toEqual([]);
  });
});

describe('the view of grants', () => {
  it('knows nothing any more of what has ended', () => {
    const view = new View(':memory:', GRANTS_PROJECTION);
    const apply = (stream: string, type: string, data: object) =>
      GRANTS_PROJECTION.apply(view, { stream, type, data } as never);
    const later = '2026-11-30T10:00:00.000Z';
    const ends = ['GrantRevoked', 'GrantExpired', 'ExecutionReported', 'ExecutionUnreported'];
    for (const [index, end] of ends.entries()) {
      apply(`review-${index}`, 'ReviewApproved', { grantExpiresAt: '2026-11-20T10:05:00.000Z' });
      apply(`grant-${index}`, 'GrantOpened', { expiresAt: '2026-11-20T10:05:00.000Z' });
      apply(`grant-${index}`, 'GrantRedeemed', { redeemedAt: '2026-11-20T10:01:00.000Z' });
      expect(dueGrants(view, '2026-11-21T10:00:59.999Z')).toEqual([]);
      expect(dueGrants(view, later)).toEqual([String(index)]);
      apply(`grant-${index}`, end, {});
      expect(dueGrants(view, later)).toEqual([]);
    }
    view.close();
  });

  it('takes what has no sensible time for due at once', () => {
    const view = new View(':memory:', GRANTS_PROJECTION);
    const apply = (stream: string, type: string, data: object) =>
      GRANTS_PROJECTION.apply(view, { stream, type, data } as never);
    apply('review-a', 'ReviewApproved', { grantExpiresAt: 7 });
    apply('grant-b', 'GrantRedeemed', { redeemedAt: 'soon' });
    expect(dueGrants(view, '2000-01-01T00:00:00.000Z')).toEqual(['a', 'b']);
    view.close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lifecycle } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deliveryTypes, RecordingNotifier, startReplica } from '../spec-helpers.ts';

const POSTED = ['NotificationAttempted', 'NotificationPosted'];
const UPDATED = ['NotificationAttempted', 'NotificationUpdated'];

describe('keepCards', () => {
  let world: World;
  let log: RecordingNotifier;
  const running: Lifecycle[] = [];

  beforeEach(async () => {
    world = await World.acme();
    log = new RecordingNotifier();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
    vi.useRealTimers();
  });

  const start = async (viewFile?: string) => {
    const replica = await startReplica(world, { notifiers: [log], ...(viewFile && { viewFile }) });
    running.push(replica.lifecycle);
    await vi.waitFor(async () => expect(await replica.lifecycle.unready()).toEqual({}), { timeout: 10_000 });
    return replica;
  };
  const stop = async (lifecycle: Lifecycle) => {
    running.splice(running.indexOf(lifecycle), 1);
    expect(await lifecycle.stop(5_000)).toBe(true);
  };
  const eventually = (story: RequestStory, types: readonly string[]) =>
    vi.waitFor(
      async () => {
        vi.advanceTimersByTime(1_000);
        expect(await deliveryTypes(world, story.id)).toEqual(types);
      },
      { timeout: 10_000 },
    );
  /** The look that comes every second never comes: what happens is the doorbell's. */
  const atOnce = (story: RequestStory, types: readonly string[]) =>
    vi.waitFor(async () => expect(await deliveryTypes(world, story.id)).toEqual(types), { timeout: 10_000 });

  const ring = async (bus: Awaited<ReturnType<typeof start>>['bus'], stream: string, times = 1) => {
    const last = (await world.events(stream)).at(-1);
    if (last === undefined) throw new Error(`${stream} is empty.`);
    for (let rings = 0; rings < times; rings += 1) bus.ringFor(last);
  };

  it('posts at once and updates soon when a doorbell rings, and once where it rings thrice', async () => {
    const { bus } = await start();
    const story = await RequestStory.begin(world);
    await ring(bus, `review-${story.id}`, 3);
    await atOnce(story, POSTED);
    await story.approve('alice');
    await ring(bus, `review-${story.id}`, 3);
    await atOnce(story, [...POSTED, ...UPDATED]);
    await story.claim();
    await ring(bus, `grant-${story.id}`);
    await story.redeem();
    await ring(bus, `grant-${story.id}`, 3);
    await atOnce(story, [...POSTED, ...UPDATED, ...UPDATED]);
    expect(log.shown.map(({ status }) => status)).toEqual(['pending', 'approved', 'redeemed']);
  });

  it('shows with one update what happens within a short while', async () => {
    const { bus } = await start();
    const story = await RequestStory.begin(world);
    await ring(bus, `review-${story.id}`);
    await atOnce(story, POSTED);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const changes = [() => story.approve('alice'), () => story.claim(), () => story.redeem()];
    for (const change of changes) {
      await change();
      await ring(bus, `review-${story.id}`);
    }
    await vi.advanceTimersByTimeAsync(299);
    expect(await deliveryTypes(world, story.id)).toEqual(POSTED);
    await vi.advanceTimersByTimeAsync(1);
    await atOnce(story, [...POSTED, ...UPDATED]);
    expect(log.shown.map(({ status }) => status)).toEqual(['pending', 'redeemed']);
  });

  it('posts and updates without any doorbell', async () => {
    await start();
    const story = await RequestStory.begin(world);
    await eventually(story, POSTED);
    await story.deny('bob');
    await eventually(story, [...POSTED, ...UPDATED]);
    expect(log.shown.map(({ status }) => status)).toEqual(['pending', 'denied']);
  });

  it('is not moved by a forged doorbell, and by a late one only to look', async () => {
    const { bus } = await start();
    const story = await RequestStory.begin(world);
    const forged = { revision: 9, type: 'ReviewApproved', id: 'x' };
    bus.ringFor({ stream: 'review-99999999-9999-4999-8999-999999999999', ...forged });
    bus.ringFor({ stream: `grant-${story.id}`, ...forged });
    await atOnce(story, POSTED);
    await ring(bus, `review-${story.id}`, 2);
    await story.cancel();
    await ring(bus, `review-${story.id}`);
    await atOnce(story, [...POSTED, ...UPDATED]);
    expect(log.shown.map(({ status }) => status)).toEqual(['pending', 'cancelled']);
  });

  it('shows each change once with two replicas that hear every doorbell', async () => {
    const replicas = [await start(), await start()];
    const story = await RequestStory.begin(world);
    for (const { bus } of replicas) await ring(bus, `review-${story.id}`);
    await eventually(story, POSTED);
    await story.approve('alice');
    for (const { bus } of replicas) await ring(bus, `review-${story.id}`);
    await eventually(story, [...POSTED, ...UPDATED]);
    expect(log.shown).toHaveLength(2);
  });

  it('catches up after a restart, from its view or without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-cards-'));
    try {
      const first = await start(join(folder, 'cards.db'));
      const story = await RequestStory.begin(world);
      await eventually(story, POSTED);
      await stop(first.lifecycle);
      await story.approve('alice');
      const asked = await RequestStory.begin(world);
      const ended = await RequestStory.begin(world);
      await ended.cancel();
      const second = await start(join(folder, 'cards.db'));
      await eventually(story, [...POSTED, ...UPDATED]);
      await eventually(asked, POSTED);
      await stop(second.lifecycle);
      await story.revoke();
      await start();
      await eventually(story, [...POSTED, ...UPDATED, ...UPDATED]);
      expect(await deliveryTypes(world, ended.id)).toEqual([]);
      expect(log.shown).toHaveLength(4);
    } finally {
      await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
      rmSync(folder, { recursive: true });
    }
  });
});

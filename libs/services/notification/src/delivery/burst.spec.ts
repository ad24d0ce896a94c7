import { setImmediate as turn } from 'node:timers/promises';
import type { Lifecycle } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlatformNotifier, startReplica } from '../spec-helpers.ts';

const CHANNEL = 'slack:#prod';
const LOOK_MS = 250;
const BURST = 2_000;
const RISKY = 5;

describe('a burst for one channel', () => {
  let world: World;
  let slack: PlatformNotifier;
  const running: Lifecycle[] = [];
  beforeEach(async () => {
    world = await World.acme();
    slack = new PlatformNotifier(world.clock);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
    vi.useRealTimers();
  });

  const begin = async (count: number, risk: string): Promise<readonly string[]> => {
    const obligations = { channels: [CHANNEL], risk, expiresInMs: 3_600_000 };
    const ids: string[] = [];
    for (let nth = 0; nth < count; nth += 1) {
      ids.push((await RequestStory.begin(world, { obligations })).id);
      world.clock.advance(1);
    }
    return ids;
  };
  const start = async () => {
    const { lifecycle } = await startReplica(world, { notifiers: [slack] });
    running.push(lifecycle);
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 30_000 });
  };
  /** Lets time pass, look by look, until it holds. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      world.clock.advance(LOOK_MS);
      vi.advanceTimersByTime(LOOK_MS);
      for (let turns = 0; turns < 20; turns += 1) await turn();
    }
  };
  const shown = (what?: string) =>
    slack.told.filter((told) => what === undefined || told.what === what).flatMap(({ requests }) => requests);

  it(
    'loses none, shows the risky ones first and the others gathered, and keeps to the pace with two replicas',
    { timeout: 120_000 },
    async () => {
      const low = await begin(BURST, 'low');
      const high = await begin(RISKY, 'high');
      const startedMs = world.clock.nowMs();
      await start();
      await start();
      await until(() => shown().length >= BURST + RISKY);
      expect(shown('post').slice(0, RISKY)).toEqual(high);
      expect(slack.told.findIndex(({ what }) => what === 'gather')).toBe(RISKY);
      expect([...shown()].toSorted()).toEqual([...low, ...high].toSorted());
      const seconds = (world.clock.nowMs() - startedMs) / 1_000;
      expect(slack.told.length).toBeLessThanOrEqual(seconds * 1.1 + 3);
    },
  );

  it('reminds once, whichever of two replicas is faster, and of none that has ended', async () => {
    const obligations = { channels: [CHANNEL], remindAfterMs: 120_000 };
    const story = await RequestStory.begin(world, { obligations });
    const ended = await RequestStory.begin(world, { obligations });
    await start();
    await start();
    await until(() => shown('post').length === 2);
    await ended.deny('bob');
    await until(() => shown('remind').length === 2);
    expect(shown('remind')).toEqual([story.id, story.id]);
    const reminders = (await world.events(`delivery-${story.id}`)).filter(
      ({ type }) => type === 'NotificationReminded',
    );
    expect(reminders).toHaveLength(2);
  });
});

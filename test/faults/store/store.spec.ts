import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICE_NAMES } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { smallExport } from '../../e2e/harness/life-cycle.ts';
import { faultTest } from '../harness/run.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { FaultyStore } from './faulty-store.ts';

let store: FaultyStore;
let under: StackUnderLoad;
beforeAll(async () => {
  under = await StackUnderLoad.start(async (folder) => {
    store = await FaultyStore.start(join(folder, 'log'));
    return { eventStore: store.address };
  });
}, 120_000);
afterAll(async () => {
  await under.dispose();
  await store.stop();
});

const MOST_AWAY_MS = 2_500;

const ROUGH = {
  append: { refuse: 0.04, lose_answer: 0.04, hang: 0.01, hang_before: 0.01, cut: 0.02, cut_before: 0.02 },
  read: { cut: 0.02, hang: 0.005 },
  subscribe: { skip: 0.2, double: 0.2, cut: 0.2, deaf: 0.1 },
  mostDelayMs: 30,
};

/** What intake itself answers, past the proxy, which asks nobody who isn't ready. */
const askIntake = async (): Promise<{ readonly status: number; readonly code: unknown }> => {
  const response = await fetch(`${under.stack.service('intake').address}/v1/requests`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await under.token('Agent::"etl-bot"')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(smallExport()),
  });
  const { code } = (await response.json()) as { readonly code?: unknown };
  return { status: response.status, code };
};

const REFUSED = {
  status: 503,
  code: expect.stringMatching(/^(store_unavailable|append_uncertain|overloaded)$/),
};

const expectNobodyReady = async (): Promise<void> => {
  for (const service of SERVICE_NAMES) {
    const health = async (): Promise<number> =>
      (await fetch(`${under.stack.service(service).address}/health/ready`)).status;
    await expect.poll(health, { timeout: 30_000 }).toBe(503);
  }
};

const TIMEOUTS = { timeoutMs: 120_000 };

describe('the event store', () => {
  faultTest('killed and started again: what was acknowledged stands', TIMEOUTS, async (run) => {
    const load = await under.load(run);
    const plan = run.seed.fork('kills');
    for (let times = run.settings.long ? 40 : 1; times > 0; times -= 1) {
      await load.more(plan.between(1, 3));
      await store.kill(run.report);
      await delay(plan.between(0, MOST_AWAY_MS));
      await store.start();
    }
    await under.settle(run);
  });

  faultTest(
    'slow, cut off in the middle of appends, answers lost: nothing stands twice',
    TIMEOUTS,
    async (run) => {
      const load = await under.load(run);
      await store.disturb(ROUGH, run.seed.fork('store'));
      await load.more(run.settings.long ? 300 : 5);
      await store.calm(run.report);
      await under.settle(run);
    },
  );

  faultTest(
    'on a disk that refuses: 503, nothing acknowledged, and it recovers alone',
    { ...TIMEOUTS, longOnly: true },
    async (run) => {
      const load = await under.load(run);
      for (let times = 10; times > 0; times -= 1) {
        await load.more(2);
        store.refuseWrites(run.report);
        expect(await askIntake()).toEqual(REFUSED);
        store.takeWrites();
      }
      await under.settle(run);
    },
  );

  faultTest(
    'frozen: nobody is ready, 503 within their deadlines, and all goes on when it wakes',
    { ...TIMEOUTS, longOnly: true },
    async (run) => {
      const load = await under.load(run);
      for (let times = 5; times > 0; times -= 1) {
        await load.more(2);
        store.freeze(run.report);
        expect(await askIntake()).toEqual(REFUSED);
        await expectNobodyReady();
        store.wake();
        await under.stack.whenReady();
      }
      await under.settle(run);
    },
  );
});

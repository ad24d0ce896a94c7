import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@countersign/dev-stack';
import { afterAll, beforeAll, describe } from 'vitest';
import { faultTest } from '../harness/run.ts';
import { SCENARIOS } from '../harness/scenarios.ts';
import { requestsOnNats, type RequestsOnNats } from '../load/requests-on-nats.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { NatsFaultProxy } from '../nats-proxy/nats-fault-proxy.ts';

let proxy: NatsFaultProxy;
let under: StackUnderLoad;
let onNats: RequestsOnNats;
beforeAll(async () => {
  const natsPort = await freePort();
  proxy = await NatsFaultProxy.start(natsPort);
  under = await StackUnderLoad.start(() => ({ natsPort, env: () => ({ NATS_URL: proxy.url }) }));
  onNats = await requestsOnNats(under, proxy.url);
}, 120_000);
afterAll(async () => {
  await onNats.connection.close();
  await under.dispose();
  await proxy.close();
});

const scenarios = () => [...SCENARIOS, onNats.scenario, onNats.scenario];
const MOST_DOWN_MS = 1_500;
const ROUGH = { drop: 0.03, double: 0.05, delay: 0.04, reorder: 0.05, cut: 0.002 };

describe('NATS', () => {
  faultTest(
    'killed and started again, empty or not: nothing accepted is lost',
    { timeoutMs: 120_000 },
    async (run) => {
      const { stack } = under;
      const load = await under.load(run, { scenarios: scenarios() });
      const plan = run.seed.fork('kills');
      const times = run.settings.long ? 40 : 2;
      for (let time = 1; time <= times; time += 1) {
        await load.more(plan.between(1, 4));
        await stack.nats.kill();
        const empty = time % 2 === 0;
        if (empty) rmSync(stack.folders.jetStream, { recursive: true });
        run.report.injected(empty ? 'nats killed and emptied' : 'nats killed');
        await delay(plan.between(0, MOST_DOWN_MS));
        stack.nats.start();
        await stack.whenReady();
      }
      await under.settle(run);
    },
  );

  faultTest(
    'messages lost, doubled, late and out of order, and connections cut in every way: all goes on',
    { timeoutMs: 120_000 },
    async (run) => {
      const load = await under.load(run, { scenarios: scenarios() });
      proxy.disturb(ROUGH, run);
      await load.more(run.settings.long ? 120 : 6);
      proxy.calm();
      await under.settle(run);
    },
  );

  faultTest(
    'everybody cut off, and let in again: nothing is stuck',
    { timeoutMs: 120_000, longOnly: true },
    async (run) => {
      const load = await under.load(run, { scenarios: scenarios() });
      const plan = run.seed.fork('cuts');
      for (let time = 0; time < 12; time += 1) {
        await load.more(plan.between(1, 4));
        proxy.isolate(plan.pick(['clean', 'reset', 'half-open']), run.report);
        await delay(plan.between(0, MOST_DOWN_MS));
        proxy.calm();
      }
      await under.settle(run);
    },
  );
});

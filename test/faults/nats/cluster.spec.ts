import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe } from 'vitest';
import { faultTest } from '../harness/run.ts';
import { SCENARIOS } from '../harness/scenarios.ts';
import { requestsOnNats, type RequestsOnNats } from '../load/requests-on-nats.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { NatsCluster } from './nats-cluster.ts';

let cluster: NatsCluster | undefined;
let under: StackUnderLoad | undefined;
let onNats: RequestsOnNats | undefined;
afterEach(async () => {
  await onNats?.connection.close();
  await under?.dispose();
  await cluster?.stop();
});

const FAULTS = ['killed', 'killed and emptied', 'cut off'] as const;
/** Long enough that those who were connected notice, and that another node is elected. */
const MOST_AWAY_MS = 15_000;

describe('a NATS cluster of three', () => {
  faultTest(
    'loses each node in turn, and the whole goes on',
    { timeoutMs: 0, longOnly: true },
    async ({ seed, report, settings, tell }) => {
      under = await StackUnderLoad.start(async (folder) => {
        cluster = await NatsCluster.start(folder);
        return { natsUrl: cluster.urls.join(','), env: () => ({ COUNTERSIGN_NATS_REPLICAS: '3' }) };
      });
      onNats = await requestsOnNats(under, cluster!.urls);
      const scenarios = [...SCENARIOS, onNats.scenario, onNats.scenario];
      const load = await under.load({ seed, report, settings, tell }, { scenarios });
      const plan = seed.fork('nodes');
      for (let time = 0; time < 18; time += 1) {
        const [node, fault] = [time % 3, plan.pick(FAULTS)];
        await cluster!.untilWhole();
        await load.more(2);
        report.injected(`node ${fault}`);
        if (fault === 'cut off') cluster!.cutOff(node);
        else await cluster!.kill(node);
        if (fault === 'killed and emptied') cluster!.empty(node);
        await delay(plan.between(500, MOST_AWAY_MS));
        await load.more(2);
        if (fault === 'cut off') cluster!.reconnect(node);
        else cluster!.startNode(node);
      }
      await under.settle({ tell });
    },
  );
});

import { describe, expect } from 'vitest';
import { ETL_BOT } from '../../e2e/harness/life-cycle.ts';
import { faultTest } from '../harness/run.ts';
import { RACES, SCENARIOS } from '../harness/scenarios.ts';
import { connectOnNats } from '../harness/submit-on-nats.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { doomed } from './doomed.ts';
import { askedOnNats } from './nats-scenario.ts';
import { killAtRandom } from './random-kills.ts';

const SHORT = { kills: 15, killers: 2, replicas: 1, clients: 2, tellEvery: 15 };
const LONG = { kills: 1_000, killers: 3, replicas: 2, clients: 6, tellEvery: 25 };

describe('processes that are killed', () => {
  faultTest(
    'at random times and places under load lose nothing, double nothing and leave nothing stuck',
    { timeoutMs: 180_000 },
    async (run) => {
      const { settings, report, tell } = run;
      const { replicas, clients, killers, tellEvery, ...form } = settings.long ? LONG : SHORT;
      const kills = settings.kills ?? form.kills;
      const underLoad = await StackUnderLoad.start((folder) => ({ replicas, ...doomed(folder) }));
      const onNats = await connectOnNats(underLoad, ETL_BOT);
      try {
        const scenarios = [...SCENARIOS, ...RACES, askedOnNats(onNats), askedOnNats(onNats)];
        const load = await underLoad.load(run, { clients, scenarios });
        const onKill = (done: number): void => {
          if (done % tellEvery === 0) tell(`${done} of ${kills} killed, ${load.toString()}`);
        };
        const seed = run.seed.fork('kills');
        await killAtRandom({ stack: underLoad.stack, seed, report, kills, killers, onKill });
        await underLoad.settle(run);
      } finally {
        await onNats.connection.close();
        await underLoad.dispose();
      }
      expect(report.total).toBe(kills);
    },
  );
});

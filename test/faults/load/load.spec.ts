import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from '../../e2e/harness/countersign.ts';
import { assertInvariants } from '../../e2e/harness/invariants.ts';
import { freePort } from '../../e2e/harness/nats.ts';
import { addScenarioPolicies, SCENARIOS } from '../harness/scenarios.ts';
import { Seed } from '../harness/seed.ts';
import { Load } from './load.ts';

let countersign: Countersign;
beforeAll(async () => {
  const port = await freePort();
  countersign = await Countersign.start({
    env: { COUNTERSIGN_PORT: String(port) },
    editPolicies: addScenarioPolicies,
  });
});
afterAll(() => countersign.dispose());

const start = (clients: number): Promise<Load> =>
  Load.start({
    address: countersign.address,
    token: (as) => countersign.token(as),
    seed: new Seed(3),
    scenarios: SCENARIOS,
    clients,
  });

describe('the load of the fault suites', { timeout: 60_000 }, () => {
  it('brings requests to their ends over a death of the process, and finds all it was told in the log', async () => {
    const load = await start(3);
    await load.more(4);
    await countersign.kill();
    await countersign.restart();
    await load.more(6);
    await load.stop();
    expect(load.unsettled.get('0')).toBeGreaterThan(0);
    expect(load.ledger.size).toBeGreaterThan(15);
    expect(load.ledger.faults(countersign.log.events())).toEqual([]);
    assertInvariants(countersign, { maxOverdueMs: 0 });
  });

  it('tells what was acknowledged and is gone, or stands twice', async () => {
    const load = await start(1);
    await load.more(1);
    await load.stop();
    const events = countersign.log.events();
    expect(load.ledger.faults([])[0]).toMatch(/ActionRequested was acknowledged and stands 0 times$/);
    expect(load.ledger.faults([...events, ...events])[0]).toMatch(/stands 2 times$/);
  });
});

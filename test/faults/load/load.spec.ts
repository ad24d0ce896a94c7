import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from '../../e2e/harness/countersign.ts';
import { assertInvariants } from '../../e2e/harness/invariants.ts';
import { Seed } from '../harness/seed.ts';
import { LIVES } from './journey.ts';
import { Load } from './load.ts';

let countersign: Countersign;
beforeAll(async () => {
  countersign = await Countersign.start();
});
afterAll(() => countersign.dispose());

describe('the load of the fault suites', { timeout: 60_000 }, () => {
  it('brings requests to all their ends, over a death of the process, and finds all it was told in the log', async () => {
    const load = await Load.start({
      address: () => countersign.address,
      token: (as) => countersign.token(as),
      seed: new Seed(3),
      clients: 3,
    });
    await load.more(10);
    await countersign.kill();
    await countersign.restart();
    await load.more(20);
    await load.stop();
    for (const life of Object.keys(LIVES)) expect(load.toString()).toContain(`${life} `);
    expect(load.unsettled.get('no answer')).toBeGreaterThan(0);
    expect(load.acknowledgements.size).toBeGreaterThan(30);
    expect(load.acknowledgements.broken(countersign.log.events())).toEqual([]);
    assertInvariants(countersign, { maxOverdueMs: 0 });
  });

  it('tells what was acknowledged and is gone, or stands twice', async () => {
    const load = await Load.start({
      address: () => countersign.address,
      token: (as) => countersign.token(as),
      seed: new Seed(3),
      clients: 1,
    });
    await load.more(1);
    await load.stop();
    const events = countersign.log.events();
    const told = load.acknowledgements;
    const [lost] = told.broken([]);
    expect(lost).toMatch(/^request-.*: 0 × ActionRequested$/);
    expect(told.broken([...events, ...events])[0]).toMatch(/2 × ActionRequested$/);
  });
});

import type { RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  ETL_BOT,
  redeem,
  redemptionOf,
  report,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';
import { Nats } from './harness/nats.ts';
import { processesNaming } from './harness/processes.ts';

let nats: Nats;
let countersign: Countersign;
beforeAll(async () => {
  nats = await Nats.down();
  countersign = await Countersign.start({ env: nats.env, awaitReady: false });
});
afterAll(async () => {
  await countersign.dispose();
  await nats.dispose();
});

const health = async () => (await countersign.apiWith().get('/health/ready')).json;

/** An action that was claimed, and its token. */
const claimed = async (): Promise<{ request: RequestView; token: string }> => {
  const etlBot = await countersign.api(ETL_BOT);
  const pending = await awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');
  await approve(await countersign.api(ALICE), pending);
  const request = await awaitStatus(etlBot, pending.id, 'approved');
  return { request, token: (await claim(etlBot, request.id)).token };
};

/** All goes on by work that is due, but what needs another service's word: that is refused, and appends nothing. */
const expectWorkGoesOn = async () => {
  await expect.poll(health).toMatchObject({ status: 'unready', failed: { bus: expect.any(String) } });
  const etlBot = await countersign.api(ETL_BOT);
  const permitted = submit(etlBot, stagingRead());
  const held = await claimed();
  await awaitStatus(etlBot, (await permitted).id, 'approved');
  const refused = await etlBot.post('/v1/grants/redemptions', redemptionOf(held.request, held.token));
  expect(refused).toMatchObject({ status: 503, json: { code: 'policy_unreachable' } });
  const cancelled = await etlBot.post(`/v1/requests/${held.request.id}/cancellation`);
  expect(cancelled).toMatchObject({ status: 503, json: { code: 'bus_unavailable' } });
  expect(countersign.log.types(`grant-${held.request.id}`)).toEqual(['GrantOpened', 'TokenIssued']);
  return held;
};

const expectItContinues = async ({ request, token }: Awaited<ReturnType<typeof claimed>>) => {
  await countersign.untilReady();
  const etlBot = await countersign.api(ETL_BOT);
  const { grantId } = await redeem(etlBot, request, token);
  await report(etlBot, grantId);
  await awaitStatus(etlBot, request.id, 'succeeded');
};

describe('with NATS away', () => {
  it('at the start it is unready and says so, accepts requests, settles them, and goes on when NATS comes', async () => {
    const held = await expectWorkGoesOn();
    await nats.start();
    await expectItContinues(held);
  });

  it('in the middle it is unready and says so, accepts requests, settles them, and goes on when NATS is back', async () => {
    await nats.kill();
    const held = await expectWorkGoesOn();
    await nats.start();
    await expectItContinues(held);
  });

  it('it stops cleanly, and the whole store holds what it must', async () => {
    await nats.kill();
    await countersign.stop();
    assertInvariants(countersign);
  });
});

describe('a NATS server of its own', () => {
  it('is started again when it dies, and everything goes on', async () => {
    const own = await Countersign.start();
    try {
      const [first] = processesNaming(own.dataFolder, 'nats-server');
      process.kill(first!.pid, 'SIGKILL');
      await expect
        .poll(() => processesNaming(own.dataFolder, 'nats-server').some(({ pid }) => pid !== first!.pid), {
          timeout: 5_000,
        })
        .toBe(true);
      await own.untilReady();
      const etlBot = await own.api(ETL_BOT);
      const { id } = await submit(etlBot, stagingRead());
      const approved = await awaitStatus(etlBot, id, 'approved');
      await redeem(etlBot, approved, (await claim(etlBot, id)).token);
    } finally {
      await own.dispose();
    }
    expect(processesNaming(own.dataFolder)).toEqual([]);
  });
});

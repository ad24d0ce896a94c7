import type { RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPolicy } from './harness/add-policy.ts';
import { startWithBadLuck } from './harness/bad-luck.ts';
import type { Countersign } from './harness/countersign.ts';
import { expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  claim,
  ETL_BOT,
  read,
  redeem,
  redemptionOf,
  smallExport,
  submit,
  type ActionParts,
} from './harness/life-cycle.ts';

const HOUR_MS = 3_600_000;
/** Tokens outlive every step of the clock. */
const TOKEN_MS = 4 * HOUR_MS;

const start = (): Promise<Countersign> =>
  startWithBadLuck(
    {},
    { editPolicies: (folder) => addPolicy(folder, 'data.lent', '@expires_in("2m") @grant_ttl("1s")') },
  );

const lent = (): ActionParts => actionOf('data.lent', 'Dataset', 'customers');

let countersign: Countersign;
const api = async (as: string) => countersign.apiWith(await countersign.token(as, undefined, TOKEN_MS));

const pending = async (action: ActionParts): Promise<RequestView> => {
  const etlBot = await api(ETL_BOT);
  return awaitStatus(etlBot, (await submit(etlBot, action)).id, 'pending');
};

const claimed = async (action: ActionParts): Promise<{ request: RequestView; token: string }> => {
  const request = await pending(action);
  await approve(await api(ALICE), request);
  return { request, token: (await claim(await api(ETL_BOT), request.id)).token };
};

const tryToRedeem = async ({ request, token }: Awaited<ReturnType<typeof claimed>>) =>
  (await api(ETL_BOT)).post('/v1/grants/redemptions', redemptionOf(request, token));

const health = async () => (await countersign.apiWith().get('/health/ready')).json;

const SKEWED = { status: 'unready', failed: { clock: expect.any(String) } };

describe.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])("the machine's clock stepped an hour %s while it runs", (_, ms) => {
  beforeAll(async () => {
    countersign = await start();
  });
  afterAll(() => countersign.dispose());

  it('makes it unready and redeems nothing until it is right again; no deadline moves', async () => {
    const open = await pending(smallExport());
    const good = await claimed(smallExport());
    const expiring = await claimed(lent());
    await countersign.process.order({ order: 'step-clock', ms });
    expect(await health()).toMatchObject(SKEWED);
    await awaitStatus(await api(ETL_BOT), expiring.request.id, 'grant_expired');
    expectProblem(await tryToRedeem(expiring), { status: 410, code: 'grant_expired' });
    expect((await read(await api(ETL_BOT), open.id)).status).toBe('pending');
    expectProblem(await tryToRedeem(good), { status: 503, code: 'clock_skewed' });
    await countersign.process.order({ order: 'step-clock', ms: -ms });
    await countersign.untilReady();
    await redeem(await api(ETL_BOT), good.request, good.token);
    await approve(await api(ALICE), open);
    assertInvariants(countersign);
  });
});

describe("the machine's clock an hour off at the start", () => {
  beforeAll(async () => {
    countersign = await start();
  });
  afterAll(() => countersign.dispose());

  it('behind: an expired grant is never redeemed', async () => {
    const expiring = await claimed(lent());
    await countersign.stop();
    const openedAt = Date.parse(countersign.log.stream(`grant-${expiring.request.id}`)[0]!.committedAt);
    await expect.poll(() => Date.now(), { timeout: 3_000 }).toBeGreaterThan(openedAt + 1_000);
    await countersign.restart({ env: { TEST_CLOCK_OFF_MS: String(-HOUR_MS) }, awaitReady: false });
    await expect.poll(health).toMatchObject(SKEWED);
    expectProblem(await tryToRedeem(expiring), { status: 503, code: 'clock_skewed' });
    await countersign.restart({ env: {} });
    await awaitStatus(await api(ETL_BOT), expiring.request.id, 'grant_expired');
    expectProblem(await tryToRedeem(expiring), { status: 410, code: 'grant_expired' });
  });

  it('ahead: deadlines have passed, nothing that waited is approved or redeemed; it stays passed when the clock is right again', async () => {
    const [open, good] = [await pending(smallExport()), await claimed(smallExport())];
    await countersign.restart({ env: { TEST_CLOCK_OFF_MS: String(HOUR_MS) }, awaitReady: false });
    expectProblem(await tryToRedeem(good), { status: 410, code: 'grant_expired' });
    await awaitStatus(await api(ETL_BOT), open.id, 'expired');
    await countersign.restart({ env: {}, awaitReady: false });
    await expect.poll(health).toMatchObject(SKEWED);
    expectProblem(await tryToRedeem(good), { status: 410, code: 'grant_expired' });
    assertInvariants(countersign);
  });
});

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithBadLuck } from './harness/bad-luck.ts';
import type { Answer } from './harness/api.ts';
import type { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  CAROL,
  claim,
  decide,
  ETL_BOT,
  redeem,
  redemptionOf,
  report,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';

let countersign: Countersign;
beforeAll(async () => {
  countersign = await startWithBadLuck();
});
afterAll(() => countersign.dispose());

/** One request at each step of its life, ready for the next. */
interface Lives {
  readonly pending: RequestView;
  readonly approved: RequestView;
  readonly claimed: RequestView;
  readonly token: string;
  readonly redeemed: RequestView;
  /** Of one that is asked for while the store is away, and again later. */
  readonly key: string;
}

const pending = async (): Promise<RequestView> => {
  const etlBot = await countersign.api(ETL_BOT);
  return awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');
};

const approved = async (): Promise<RequestView> => {
  const request = await pending();
  await approve(await countersign.api(ALICE), request);
  return request;
};

const begin = async (): Promise<Lives> => {
  const [etlBot, redeemed, claimed] = [await countersign.api(ETL_BOT), await approved(), await approved()];
  await redeem(etlBot, redeemed, (await claim(etlBot, redeemed.id)).token);
  const { token } = await claim(etlBot, claimed.id);
  return {
    pending: await pending(),
    approved: await approved(),
    claimed,
    token,
    redeemed,
    key: randomUUID(),
  };
};

/** Everything that would append; none of it may be told to have happened. */
const tryEverything = async (lives: Lives): Promise<readonly Answer[]> => {
  const [etlBot, alice, carol] = await Promise.all([ETL_BOT, ALICE, CAROL].map((as) => countersign.api(as)));
  return Promise.all([
    etlBot!.post('/v1/requests', smallExport()),
    etlBot!.post('/v1/requests', stagingRead(), { 'idempotency-key': lives.key }),
    decide(alice!, lives.pending),
    decide(alice!, lives.pending, 'deny'),
    etlBot!.post(`/v1/requests/${lives.pending.id}/cancellation`),
    etlBot!.post('/v1/grants', { requestId: lives.approved.id }),
    etlBot!.post('/v1/grants/redemptions', redemptionOf(lives.claimed, lives.token)),
    carol!.post(`/v1/grants/${lives.claimed.id}/revocation`, { reason: 'No.' }),
    etlBot!.post(`/v1/grants/${lives.redeemed.id}/outcome`, { status: 'succeeded' }),
  ]);
};

const expectRefused = async (lives: Lives, code: string): Promise<void> => {
  const answers = await appendsNothing(countersign.log, () => tryEverything(lives));
  for (const answer of answers) expectProblem(answer, { status: 503, code });
};

const expectEverythingGoesOn = async (lives: Lives): Promise<void> => {
  const [etlBot, alice] = [await countersign.api(ETL_BOT), await countersign.api(ALICE)];
  await approve(alice, lives.pending);
  await claim(etlBot, lives.approved.id);
  await redeem(etlBot, lives.claimed, lives.token);
  await report(etlBot, lives.redeemed.id);
  const again = await submit(etlBot, stagingRead(), { 'idempotency-key': lives.key });
  await awaitStatus(etlBot, again.id, 'approved');
  await countersign.untilReady();
  assertInvariants(countersign);
};

describe('a store that is unable to append', () => {
  it('lets nothing happen: 503 and never a grant; when it can again, everything goes on', async () => {
    const lives = await begin();
    await countersign.process.order({ order: 'refuse-appends', refuse: true });
    await expectRefused(lives, 'store_unavailable');
    await countersign.process.order({ order: 'refuse-appends', refuse: false });
    await expectEverythingGoesOn(lives);
  });

  it('the same where the disk refuses (no file may grow), which is lifted later', async () => {
    const lives = await begin();
    limitFileSize('1');
    await expectRefused(lives, 'store_unavailable');
    limitFileSize('unlimited');
    await expectEverythingGoesOn(lives);
  });
});

/** Soft limit of the running process's RLIMIT_FSIZE, in bytes: beyond it every write fails (EFBIG). */
const limitFileSize = (bytes: string): void => {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${countersign.process.pid}`, `--fsize=${bytes}:`], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
};

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithBadLuck } from './harness/bad-luck.ts';
import type { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  BOB,
  bulkExport,
  claim,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  read,
  redeem,
  report,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';

const SETTLE_MS = 10_000;

describe.each(['dropped', 'doubled', 'delayed'] as const)('with every doorbell %s', (TEST_DOORBELLS) => {
  let countersign: Countersign;
  beforeAll(async () => {
    countersign = await startWithBadLuck({ TEST_DOORBELLS });
  });
  afterAll(() => countersign.dispose());

  const types = (category: string, id: string): readonly string[] =>
    countersign.log.types(`${category}-${id}`);

  it(
    'an action is held, decided by two, run once and reported, and nothing stands twice',
    async () => {
      const [etlBot, alice, bob] = [
        await countersign.api(ETL_BOT),
        await countersign.api(ALICE),
        await countersign.api(BOB),
      ];
      const { id } = await submit(etlBot, bulkExport());
      const pending = await awaitStatus(etlBot, id, 'pending');
      await approve(alice, pending);
      await approve(bob, pending);
      const approved = await awaitStatus(etlBot, id, 'approved');
      const { token, grantId } = await claim(etlBot, id);
      await redeem(etlBot, approved, token);
      await report(etlBot, grantId);
      expect((await read(etlBot, id)).status).toBe('succeeded');
      expect(types('review', id)).toEqual([
        'PolicyEvaluated',
        'ReviewOpened',
        'DecisionRecorded',
        'DecisionRecorded',
        'ReviewApproved',
      ]);
      expect(types('grant', id)).toEqual([
        'GrantOpened',
        'TokenIssued',
        'GrantRedeemed',
        'ExecutionReported',
      ]);
    },
    SETTLE_MS,
  );

  it(
    'what policy settles alone is settled by work that is due',
    async () => {
      const etlBot = await countersign.api(ETL_BOT);
      const { id } = await submit(etlBot, stagingRead());
      await awaitStatus(etlBot, id, 'approved');
      expect(types('review', id)).toEqual(['PolicyEvaluated', 'ReviewApproved']);
    },
    SETTLE_MS,
  );

  it.concurrent(
    'a denial ends the review at once, and a decision needs no evaluation to have come before',
    async () => {
      const etlBot = await countersign.api(ETL_BOT);
      const received = await submit(etlBot, smallExport());
      expect((await decide(await countersign.api(BOB), received, 'deny')).status).toBe(201);
      expect((await read(etlBot, received.id)).status).toBe('denied');
    },
  );

  it(
    'a request whose owner is needed for the quorum is denied',
    async () => {
      const deployBot = await countersign.api(DEPLOY_BOT);
      const { id } = await submit(deployBot, bulkExport());
      await awaitStatus(deployBot, id, 'denied');
    },
    SETTLE_MS,
  );

  it('in the end the whole store holds what it must', async () => {
    await countersign.stop();
    assertInvariants(countersign);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, HeaderValues } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  read,
  redemptionOf,
  RELEASE,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';

let countersign: Countersign;
let etlBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start();
  [etlBot, alice] = await Promise.all([countersign.api(ETL_BOT), countersign.api(ALICE)]);
});
afterAll(() => countersign.dispose());

const newKey = (): HeaderValues => ({ 'idempotency-key': randomUUID() });

const approved = async (): Promise<{ id: string; digest: string }> => {
  const { id } = await submit(etlBot);
  const open = await awaitStatus(etlBot, id, 'pending');
  await approve(alice, open);
  return open;
};

describe('a request by an idempotency key', () => {
  it('is the same request when it is asked again, in another spelling of the same action, too', async () => {
    const key = newKey();
    const { id, digest } = await submit(etlBot, smallExport(), key);
    await awaitStatus(etlBot, id, 'pending');
    const again = await appendsNothing(countersign.log, () => submit(etlBot, smallExport(), key));
    expect([again.id, again.digest]).toEqual([id, digest]);
    const { context, resource, action } = smallExport();
    const spelled = {
      context,
      resource: { properties: {}, ...resource },
      action: { properties: {}, ...action },
    };
    const body = JSON.stringify(spelled, null, 2).replace('500', '5.0e2');
    const answer = await appendsNothing(countersign.log, () => etlBot.post('/v1/requests', body, key));
    expect([answer.status, answer.json]).toEqual([202, await read(etlBot, id)]);
  });

  it('is another request for another action: a conflict', async () => {
    const key = newKey();
    await awaitStatus(etlBot, (await submit(etlBot, smallExport(), key)).id, 'pending');
    const answer = await appendsNothing(countersign.log, () =>
      etlBot.post('/v1/requests', smallExport({ rows: 501 }), key),
    );
    expectProblem(answer, { status: 409, code: 'idempotency_conflict', field: 'Idempotency-Key' });
  });

  it('is one request, however many ask at once', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(etlBot, smallExport(), key)));
    const [id = ''] = new Set(answers.map((answer) => answer.id));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    await awaitStatus(etlBot, id, 'pending');
    expect(countersign.log.types(`request-${id}`)).toEqual(['ActionRequested']);
    expect(countersign.log.types(`review-${id}`)).toEqual(['PolicyEvaluated', 'ReviewOpened']);
  });

  it('is one of two, where two actions race for it', async () => {
    const key = newKey();
    const answers = await Promise.all(
      [500, 501].map((rows) => etlBot.post('/v1/requests', smallExport({ rows }), key)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 409]));
  });

  it("is nobody else's", async () => {
    const key = newKey();
    const deployBot = await countersign.api(DEPLOY_BOT);
    const [mine, theirs] = [
      await submit(etlBot, smallExport(), key),
      await submit(deployBot, smallExport(), key),
    ];
    expect(theirs.id).not.toBe(mine.id);
  });

  it('binds its initiator', async () => {
    const key = newKey();
    const body = {
      ...smallExport(),
      action: { name: 'infra.apply' },
      resource: { type: 'Stack', id: 'prod-web' },
    };
    await submit(await countersign.api(RELEASE, 'carol'), body, key);
    const answer = await (await countersign.api(RELEASE, 'bob')).post('/v1/requests', body, key);
    expectProblem(answer, { status: 409, code: 'idempotency_conflict', field: 'Idempotency-Key' });
  });

  it('tells how it ended, when it is asked again after the end', async () => {
    const key = newKey();
    const { id } = await submit(etlBot, smallExport(), key);
    await decide(alice, await awaitStatus(etlBot, id, 'pending'), 'deny');
    const answer = await etlBot.post('/v1/requests', smallExport(), key);
    expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ id, status: 'denied' })]);
  });

  it('is asked for: without one, each is a request of its own', async () => {
    expect((await submit(etlBot)).id).not.toBe((await submit(etlBot)).id);
  });
});

describe('settled within the wait', () => {
  it('is 200, where policy permits at once', async () => {
    const answer = await etlBot.post('/v1/requests?wait=5', stagingRead());
    expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ status: 'approved' })]);
    expect(answer.headers.get('location')).toMatch(/^\/v1\/requests\/[0-9a-f-]{36}$/);
  });

  it('is 202 where it has to be reviewed first', async () => {
    const answer = await etlBot.post('/v1/requests?wait=1', smallExport());
    expect([answer.status, answer.json]).toEqual([202, expect.objectContaining({ status: 'pending' })]);
  });
});

describe('the same again is the same answer, and appends nothing', () => {
  it('for a cancellation', async () => {
    const { id } = await submit(etlBot);
    await awaitStatus(etlBot, id, 'pending');
    const first = await etlBot.post(`/v1/requests/${id}/cancellation`);
    const again = await appendsNothing(countersign.log, () => etlBot.post(`/v1/requests/${id}/cancellation`));
    expect([first.status, again.status, again.json]).toEqual([200, 200, first.json]);
  });

  it('for a decision, also after the end; with another reason it is another decision', async () => {
    const { id } = await submit(etlBot);
    const open = await awaitStatus(etlBot, id, 'pending');
    const first = await decide(alice, open);
    const again = await appendsNothing(countersign.log, () => decide(alice, open));
    expect([first.status, again.status, again.json]).toEqual([201, 200, first.json]);
    expectProblem(await decide(alice, open, 'approve', 'On second thoughts.'), {
      status: 409,
      code: 'already_decided',
      reason: 'already_decided',
    });
  });

  it('for a claim: the same claims, signed again', async () => {
    const { id } = await approved();
    const first = await etlBot.post('/v1/grants', { requestId: id });
    const again = await appendsNothing(countersign.log, () => etlBot.post('/v1/grants', { requestId: id }));
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.json).toEqual(first.json);
  });

  it('for a redemption by the same redemptionId, and for its outcome', async () => {
    const { id } = await approved();
    const { grantId, token } = await claim(etlBot, id);
    const body = { ...redemptionOf(await read(etlBot, id), token), redemptionId: 'run-1' };
    const first = await etlBot.post('/v1/grants/redemptions', body);
    const again = await appendsNothing(countersign.log, () => etlBot.post('/v1/grants/redemptions', body));
    expect([first.status, again.status, again.json]).toEqual([200, 200, first.json]);
    const outcome = { status: 'failed', exitCode: 3, summary: 'disk full' };
    const told = await etlBot.post(`/v1/grants/${grantId}/outcome`, outcome);
    const toldAgain = await appendsNothing(countersign.log, () =>
      etlBot.post(`/v1/grants/${grantId}/outcome`, outcome),
    );
    expect([told.status, toldAgain.status, toldAgain.json]).toEqual([201, 200, told.json]);
    const otherwise = await etlBot.post(`/v1/grants/${grantId}/outcome`, { status: 'succeeded' });
    expectProblem(otherwise, { status: 409, code: 'already_reported' });
  });

  it('for a revocation', async () => {
    const { id } = await approved();
    const first = await alice.post(`/v1/grants/${id}/revocation`, { reason: 'Not today.' });
    const again = await appendsNothing(countersign.log, () =>
      alice.post(`/v1/grants/${id}/revocation`, { reason: 'Not today.' }),
    );
    expect([first.status, again.status, again.json]).toEqual([200, 200, first.json]);
  });
});

it('and the log holds what it must', () => assertInvariants(countersign, { maxOverdueMs: 3_000 }));

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { activePolicySetView, type ClaimView, type RequestView } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import { readPolicyFolder } from '@countersign/policy-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { everyEditOf } from './harness/every-edit.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { enlargeAcme } from './harness/larger-acme.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  BOB,
  bulkExport,
  CAROL,
  claim,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  GATEWAY,
  read,
  redeem,
  redemptionOf,
  RELEASE,
  report,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

let countersign: Countersign;
let etlBot: Api;
let alice: Api;
let gateway: Api;
beforeAll(async () => {
  countersign = await Countersign.start({ editPolicies: enlargeAcme });
  [etlBot, alice, gateway] = (await Promise.all(
    [ETL_BOT, ALICE, GATEWAY].map((who) => countersign.api(who)),
  )) as [Api, Api, Api];
});
afterAll(() => countersign.dispose());

const REDEMPTIONS = '/v1/grants/redemptions';

const approved = async (body: object = smallExport()): Promise<RequestView> => {
  const { id } = await submit(etlBot, body);
  await approve(alice, await awaitStatus(etlBot, id, 'pending'));
  return awaitStatus(etlBot, id, 'approved');
};

interface Claimed extends ClaimView {
  readonly request: RequestView;
  readonly redemption: JsonObject;
}

const claimed = async (body?: object): Promise<Claimed> => {
  const request = await approved(body);
  const claims = await claim(etlBot, request.id);
  return { ...claims, request, redemption: redemptionOf(request, claims.token) };
};

const grantTypes = (id: string): readonly string[] => countersign.log.types(`grant-${id}`);

describe('an approved action', () => {
  it('is redeemed as it was reviewed, reported, and has ended', async () => {
    const { request, token, grantId } = await claimed();
    const redeemed = await redeem(etlBot, request, token);
    expect(redeemed).toMatchObject({ grantId, requestId: request.id, enforcement: 'advisory' });
    await report(etlBot, grantId);
    expect((await read(etlBot, request.id)).status).toBe('succeeded');
    expect(grantTypes(grantId)).toEqual(['GrantOpened', 'TokenIssued', 'GrantRedeemed', 'ExecutionReported']);
  });

  it('is not redeemed with anything changed, removed or added anywhere; then still as it was', async () => {
    const context = {
      command: ['pg_dump', '--table=customers'],
      labels: { ticket: 'OPS-1' },
      impact: 'none',
    };
    const { request, redemption, token } = await claimed(smallExport(context));
    const { token: _token, ...action } = redemption;
    const attempts = everyEditOf(action);
    for (const attempt of attempts) {
      const answer = await etlBot.post(REDEMPTIONS, { ...attempt, token });
      expectProblem(answer, { status: 403, code: 'digest_mismatch', field: undefined });
    }
    expect(attempts.length).toBeGreaterThan(50);
    expect(countersign.log.stream(`grantattempt-${request.id}`)).toHaveLength(20);
    expect((await redeem(etlBot, request, token)).requestId).toBe(request.id);
  });

  it.each([
    ['an unknown member', { as: 'root' }, 'unknown_field', 'as'],
    ['no token', { token: undefined }, 'invalid_field', 'token'],
    ['an endless redemptionId', { redemptionId: 'r'.repeat(201) }, 'invalid_field', 'redemptionId'],
  ])('is not redeemed with %s', async (_what, members, code, field) => {
    const { redemption, grantId } = await claimed();
    const answer = await appendsNothing(countersign.log, () =>
      etlBot.post(REDEMPTIONS, { ...redemption, ...members }),
    );
    expectProblem(answer, { status: 400, code, field });
    expect(grantTypes(grantId)).toEqual(['GrantOpened', 'TokenIssued']);
  });

  it('is not redeemed by a token that was changed, and that appends nothing', async () => {
    const { redemption, token } = await claimed();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: 4_102_444_800 })).toString('base64url');
    for (const forged of [`${header}.${longer}.${signature}`, `${header}.${payload}.`, 'none']) {
      const answer = await appendsNothing(countersign.log, () =>
        etlBot.post(REDEMPTIONS, { ...redemption, token: forged }),
      );
      expectProblem(answer, { status: 401, code: 'token_invalid', field: 'token' });
    }
  });

  it("is not redeemed by another action's token", async () => {
    const [one, other] = [await claimed(), await claimed(smallExport({ rows: 9 }))];
    const answer = await etlBot.post(REDEMPTIONS, { ...one.redemption, token: other.token });
    expectProblem(answer, { status: 403, code: 'digest_mismatch' });
  });
});

describe('a grant is spent once', () => {
  it('and the second redemption is a conflict', async () => {
    const { request, token, redemption } = await claimed();
    await redeem(etlBot, request, token);
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), { status: 409, code: 'already_redeemed' });
    expectProblem(await etlBot.post('/v1/grants', { requestId: request.id }), {
      status: 409,
      code: 'already_redeemed',
    });
    expectProblem(await etlBot.post(`/v1/requests/${request.id}/cancellation`), {
      status: 409,
      code: 'not_cancellable',
    });
  });

  it('where 200 redeem it at once', async () => {
    const { redemption, grantId } = await claimed();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => etlBot.post(REDEMPTIONS, redemption)),
    );
    const codes = answers.map(({ status }) => status);
    expect(codes.filter((status) => status === 200)).toHaveLength(1);
    expect(codes.filter((status) => status === 409)).toHaveLength(199);
    expect(grantTypes(grantId).filter((type) => type === 'GrantRedeemed')).toHaveLength(1);
  });

  it('where redemption and revocation race', async () => {
    const { redemption, grantId } = await claimed();
    const [redeemed, revoked] = await Promise.all([
      etlBot.post(REDEMPTIONS, redemption),
      alice.post(`/v1/grants/${grantId}/revocation`, { reason: 'Stop.' }),
    ]);
    expect([
      [200, 409],
      [410, 200],
    ]).toContainEqual([redeemed.status, revoked.status]);
  });
});

describe('a grant is not redeemed', () => {
  it('after it has expired', async () => {
    const { redemption, request } = await claimed(actionOf('data.lend', 'Dataset', 'customers'));
    await awaitStatus(etlBot, request.id, 'grant_expired');
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), { status: 410, code: 'grant_expired' });
    expectProblem(await etlBot.post('/v1/grants', { requestId: request.id }), {
      status: 410,
      code: 'grant_expired',
    });
  });

  it.each([
    ['an approver', ALICE],
    ['somebody else who may decide it', BOB],
    ['the owner', CAROL],
  ])('after %s has revoked it', async (_who, by) => {
    const { redemption, grantId } = await claimed();
    const revoked = await (
      await countersign.api(by)
    ).post(`/v1/grants/${grantId}/revocation`, { reason: 'Stop.' });
    expect(revoked.status).toBe(200);
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), {
      status: 410,
      code: 'grant_revoked',
      reason: 'revoked',
    });
  });

  it('after its requester has cancelled it', async () => {
    const { redemption, request } = await claimed();
    const answer = await etlBot.post(`/v1/requests/${request.id}/cancellation`);
    expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ status: 'revoked' })]);
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), {
      status: 410,
      code: 'grant_revoked',
      reason: 'cancelled',
    });
  });

  it('by anybody else with its token', async () => {
    const { redemption, grantId } = await claimed();
    for (const who of [DEPLOY_BOT, GATEWAY, ALICE, CAROL]) {
      const answer = await (await countersign.api(who)).post(REDEMPTIONS, redemption);
      expectProblem(answer, { status: 403, code: 'wrong_executor' });
    }
    expect(grantTypes(grantId)).toEqual(['GrantOpened', 'TokenIssued']);
  });

  it('and the questions are asked in their order', async () => {
    const { redemption, request } = await claimed();
    const other = { ...redemption, action: { name: 'data.shred' } };
    await alice.post(`/v1/grants/${request.id}/revocation`, { reason: 'Stop.' });
    const deployBot = await countersign.api(DEPLOY_BOT);
    expectProblem(await deployBot.post(REDEMPTIONS, { ...other, token: 'none' }), {
      status: 401,
      code: 'token_invalid',
      field: 'token',
    });
    expectProblem(await deployBot.post(REDEMPTIONS, other), { status: 403, code: 'wrong_executor' });
    expectProblem(await etlBot.post(REDEMPTIONS, other), { status: 403, code: 'digest_mismatch' });
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), {
      status: 410,
      code: 'grant_revoked',
      reason: 'revoked',
    });
  });
});

describe('a grant is not opened', () => {
  it.each([
    ['while the review is open', undefined],
    ['after a denial', 'deny'],
  ] as const)('%s', async (_what, decision) => {
    const { id } = await submit(etlBot);
    const request = await awaitStatus(etlBot, id, 'pending');
    if (decision !== undefined) await decide(alice, request, decision);
    expectProblem(await etlBot.post('/v1/grants', { requestId: id }), { status: 409, code: 'not_approved' });
    expect(grantTypes(id)).toEqual([]);
  });

  it('for its requester by the hand of another initiator', async () => {
    const started = await countersign.api(RELEASE, 'carol');
    const { id } = await submit(started, actionOf('infra.apply', 'Stack', 'prod-web'));
    await approve(await countersign.api(BOB), await awaitStatus(started, id, 'pending'));
    for (const initiator of ['bob', undefined]) {
      const other = await countersign.api(RELEASE, initiator);
      expectProblem(await other.post('/v1/grants', { requestId: id }), { status: 403, code: 'forbidden' });
    }
    expect(grantTypes(id)).toEqual([]);
    const { grantId, token } = await claim(started, id);
    expect(grantId).toBe(id);
    const redemption = redemptionOf(await awaitStatus(started, id, 'approved'), token);
    for (const initiator of ['bob', undefined]) {
      const other = await countersign.api(RELEASE, initiator);
      expectProblem(await other.post(REDEMPTIONS, redemption), { status: 403, code: 'wrong_executor' });
    }
    expect((await started.post(REDEMPTIONS, redemption)).status).toBe(200);
  });

  it('for its approver', async () => {
    const { id } = await approved();
    expectProblem(await alice.post('/v1/grants', { requestId: id }), { status: 403, code: 'forbidden' });
    expect(grantTypes(id)).toEqual([]);
  });
});

describe('an action with an executor', () => {
  const guarded = (): object => smallExport({ executor: { type: 'Service', id: 'db-gateway' } });

  it('is claimed by its requester, redeemed, run and reported by the executor alone', async () => {
    const { redemption, request, token, grantId } = await claimed(guarded());
    expect(request.enforcement).toBe('guarded');
    expectProblem(await etlBot.post(REDEMPTIONS, redemption), { status: 403, code: 'wrong_executor' });
    expect(await redeem(gateway, request, token)).toMatchObject({ enforcement: 'guarded' });
    const outcome = { status: 'succeeded' };
    expectProblem(await etlBot.post(`/v1/grants/${grantId}/outcome`, outcome), {
      status: 403,
      code: 'wrong_executor',
    });
    await report(gateway, grantId, outcome);
    expect((await read(etlBot, request.id)).status).toBe('succeeded');
  });

  it('is not claimed by the executor', async () => {
    const { id } = await approved(guarded());
    expectProblem(await gateway.post('/v1/grants', { requestId: id }), { status: 404, code: 'not_found' });
  });
});

describe('an outcome', () => {
  it.each([
    ['an unknown member', { status: 'succeeded', cost: 1 }, 'unknown_field', 'cost'],
    ['another word', { status: 'ok' }, 'invalid_field', 'status'],
    ['an exit code out of range', { status: 'failed', exitCode: 256 }, 'invalid_field', 'exitCode'],
    ['a digest of another form', { status: 'failed', outputDigest: 'x' }, 'invalid_field', 'outputDigest'],
  ])('is refused with %s', async (_what, outcome, code, field) => {
    const { grantId } = await claimed();
    const answer = await appendsNothing(countersign.log, () =>
      etlBot.post(`/v1/grants/${grantId}/outcome`, outcome),
    );
    expectProblem(answer, { status: 400, code, field });
  });

  it('is refused before the redemption', async () => {
    const { grantId } = await claimed();
    const answer = await etlBot.post(`/v1/grants/${grantId}/outcome`, { status: 'succeeded' });
    expectProblem(answer, { status: 409, code: 'not_redeemed' });
  });
});

describe('an approver who has lost the right in the meantime', () => {
  it('is not counted at redemption: the grant ends as lapsed', async () => {
    const { id } = await submit(etlBot, bulkExport());
    const open = await awaitStatus(etlBot, id, 'pending');
    await approve(alice, open);
    await approve(await countersign.api(BOB), open);
    const { token } = await claim(etlBot, id);
    const carol = await countersign.api(CAROL);
    const { digest: replaces } = activePolicySetView.parse((await carol.get('/v1/policy-sets/active')).json);
    const directory = join(countersign.policiesFolder, 'directory.yaml');
    const text = await readFile(directory, 'utf8');
    await writeFile(directory, text.replace(/data-owners:\s+- alice\s+- bob/, 'data-owners:\n    - alice'));
    const files = await readPolicyFolder(countersign.policiesFolder);
    expect((await carol.post('/v1/policy-sets', { files, replaces })).status).toBe(201);
    const answer = await etlBot.post(REDEMPTIONS, redemptionOf(open, token));
    expectProblem(answer, { status: 410, code: 'grant_revoked', reason: 'authorization_lapsed' });
    expect(grantTypes(id)).toEqual(['GrantOpened', 'TokenIssued', 'GrantRevoked']);
  });
});

it('and the log holds what it must', () => assertInvariants(countersign, { maxOverdueMs: 3_000 }));

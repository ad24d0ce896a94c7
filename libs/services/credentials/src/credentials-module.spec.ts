import {
  claimView,
  jwksView,
  outcomeView,
  problem,
  redemptionView,
  REVOKE_GRANT,
  revocationView,
} from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import { ServiceOverHttp } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsModule } from './credentials-module.ts';
import { CommandsController } from './revocation/commands.controller.ts';
import { GrantWorld, MINUTE_MS } from './spec-helpers.ts';

const ROUTE = '/v1/grants';

describe('the credentials service', () => {
  let world: GrantWorld;
  let service: ServiceOverHttp;

  beforeEach(async () => {
    world = await GrantWorld.acme();
    service = await ServiceOverHttp.start({
      context: (surroundings) => ({ ...world.context(), ...surroundings, service: 'credentials' as const }),
      module: credentialsModule,
      callerOf: (type, id) => world.caller(`${type}::"${id}"`),
    });
  });
  afterEach(() => service.stop());

  const call = async (as: string | undefined, method: 'GET' | 'POST', url: string, body?: object) => {
    const { headers, ...answer } = await service.call(as, method, url, body);
    return { ...answer, cacheControl: headers['cache-control'] };
  };

  const claimed = async () => {
    const id = await world.approved();
    const { body } = await call('Agent/etl-bot', 'POST', ROUTE, { requestId: id });
    return { id, body: await world.redemption(id, claimView.parse(body).token, 'once') };
  };

  it('answers a claim 201 and the same again 200, never to be kept by anybody between', async () => {
    const id = await world.approved();
    const first = await call('Agent/etl-bot', 'POST', ROUTE, { requestId: id });
    expect(first).toMatchObject({ status: 201, cacheControl: 'no-store' });
    expect(claimView.parse(first.body)).toEqual(first.body);
    expect(await call('Agent/etl-bot', 'POST', ROUTE, { requestId: id })).toMatchObject({
      status: 200,
      body: first.body,
    });
  });

  it('redeems 200, the same redemption id again alike, and reports 201 and then 200', async () => {
    const { id, body } = await claimed();
    const first = await call('Agent/etl-bot', 'POST', `${ROUTE}/redemptions`, body);
    expect(first.status).toBe(200);
    expect(redemptionView.parse(first.body)).toEqual(first.body);
    expect(await call('Agent/etl-bot', 'POST', `${ROUTE}/redemptions`, body)).toEqual(first);
    const outcome = { status: 'succeeded', exitCode: 0 };
    const reported = await call('Agent/etl-bot', 'POST', `${ROUTE}/${id}/outcome`, outcome);
    expect(reported.status).toBe(201);
    expect(outcomeView.parse(reported.body)).toEqual(reported.body);
    expect(await call('Agent/etl-bot', 'POST', `${ROUTE}/${id}/outcome`, outcome)).toMatchObject({
      status: 200,
      body: reported.body,
    });
    expect(await call('Agent/etl-bot', 'POST', `${ROUTE}/${id}/outcome`, { status: 'failed' })).toMatchObject(
      { status: 409, body: { code: 'already_reported' } },
    );
  });

  it.each([
    ['not the approved action', { resource: { type: 'Dataset', id: 'orders' } }, 403, 'digest_mismatch'],
    ['no resource at all', { resource: undefined }, 403, 'digest_mismatch'],
    ['a part of another type', { action: 'data.export' }, 403, 'digest_mismatch'],
    ['a receipt or an identity as token', { token: 'eyJhbGciOiJFZERTQSJ9.e30.AA' }, 401, 'token_invalid'],
    ['no token', { token: undefined }, 400, 'invalid_field'],
    ['an unknown member', { force: true }, 400, 'unknown_field'],
  ])('answers a redemption with %s %#', async (_what, change, status, code) => {
    const { id, body } = await claimed();
    const answer = await call('Agent/etl-bot', 'POST', `${ROUTE}/redemptions`, { ...body, ...change });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued']);
  });

  it('answers the end of a grant 410, its spending 409, and another principal 403', async () => {
    const [revoked, spent, expired] = [await claimed(), await claimed(), await claimed()];
    const redeem = (body: object, as = 'Agent/etl-bot') => call(as, 'POST', `${ROUTE}/redemptions`, body);
    expect(await redeem(revoked.body, 'Agent/deploy-bot')).toMatchObject({
      status: 403,
      body: { code: 'wrong_executor' },
    });
    const revocation = await call('User/alice', 'POST', `${ROUTE}/${revoked.id}/revocation`, {
      reason: 'no',
    });
    expect(revocation.status).toBe(200);
    expect(revocationView.parse(revocation.body)).toEqual(revocation.body);
    expect(await redeem(revoked.body)).toMatchObject({ status: 410, body: { code: 'grant_revoked' } });
    await redeem(spent.body);
    expect(await redeem({ ...spent.body, redemptionId: 'twice' })).toMatchObject({
      status: 409,
      body: { code: 'already_redeemed' },
    });
    expect(
      await call('User/alice', 'POST', `${ROUTE}/${spent.id}/revocation`, { reason: 'no' }),
    ).toMatchObject({ status: 409, body: { code: 'already_redeemed' } });
    world.clock.advance(5 * MINUTE_MS);
    expect(await redeem(expired.body)).toMatchObject({ status: 410, body: { code: 'grant_expired' } });
  });

  it('answers 503 where policy can not be asked, and 409 where an approval is not proven or not there', async () => {
    const { body } = await claimed();
    world.policy.answer = () => Promise.reject(new Error('gone'));
    expect(await call('Agent/etl-bot', 'POST', `${ROUTE}/redemptions`, body)).toMatchObject({
      status: 503,
      body: { code: 'policy_unreachable' },
    });
    const pending = await world.open();
    expect(await call('Agent/etl-bot', 'POST', ROUTE, { requestId: pending })).toMatchObject({
      status: 409,
      body: { code: 'not_approved', reason: 'pending' },
    });
    await world.forge('policy', 'review', pending, { type: 'ReviewApproved', data: {} });
    expect(await call('Agent/etl-bot', 'POST', ROUTE, { requestId: pending })).toMatchObject({
      status: 409,
      body: { code: 'approval_not_proven' },
    });
  });

  it('answers 404 alike for what does not exist and what may not be read, whoever asks for whatever', async () => {
    const { id } = await claimed();
    const unknown = '99999999-9999-4999-8999-999999999999';
    const ask = async (which: string) => {
      const answers = [
        await call('Agent/deploy-bot', 'POST', ROUTE, { requestId: which }),
        await call('Agent/deploy-bot', 'POST', `${ROUTE}/${which}/revocation`, { reason: 'no' }),
        await call('Agent/deploy-bot', 'POST', `${ROUTE}/${which}/outcome`, { status: 'failed' }),
      ];
      return answers.map(({ status, body }) => ({ status, body: { ...body, instance: undefined } }));
    };
    const hidden = await ask(id);
    expect(hidden).toEqual(await ask(unknown));
    for (const { status, body } of hidden) {
      expect(problem.parse({ ...body, instance: '' })).toMatchObject({ status, code: 'not_found' });
    }
  });

  it('publishes its keys to anybody', async () => {
    const answer = await call(undefined, 'GET', '/.well-known/jwks.json');
    expect(answer).toMatchObject({ status: 200, cacheControl: 'public, max-age=300' });
    expect(jwksView.parse(answer.body).keys).toHaveLength(1);
    expect(await call(undefined, 'POST', ROUTE, { requestId: 'x' })).toMatchObject({ status: 401 });
  });

  describe('asked over the bus to revoke', () => {
    const revoke = (message: Json) => service.app.get(CommandsController).revoke(message);
    const message = (requestId: string, token: string, kind = 'identity') => ({
      payload: { requestId, cause: 'cancelled', reason: 'The request was cancelled.' },
      proof: { kind, token },
    });

    it('does so for the bearer of the token in the proof', async () => {
      const { id } = await claimed();
      const answer = await revoke(message(id, 'Agent/etl-bot'));
      expect(REVOKE_GRANT.reply.parse(answer)).toEqual(answer);
      expect((await world.events('grant', id)).at(-1)).toMatchObject({
        data: { cause: 'cancelled', by: { type: 'Agent', id: 'etl-bot' } },
      });
    });

    it.each([
      ['a stranger', 'Agent/deploy-bot', 'identity', 'not_found'],
      ['somebody who only decides', 'User/alice', 'identity', 'forbidden'],
      ['no token of an issuer', 'nobody', 'identity', 'token_invalid'],
      ['a word for a chat account', 'User/alice', 'channel', 'proof_invalid'],
    ])('does nothing for %s', async (_who, token, kind, code) => {
      const { id } = await claimed();
      await expect(revoke(message(id, token, kind))).rejects.toMatchObject({ code });
      expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued']);
    });

    it('does nothing for a message of another shape', async () => {
      const { id } = await claimed();
      const { payload, proof } = message(id, 'Agent/etl-bot');
      await expect(revoke({ payload: { ...payload, cause: 'revoked' }, proof })).rejects.toMatchObject({
        code: 'invalid_field',
      });
      await expect(revoke({ payload })).rejects.toMatchObject({ code: 'invalid_field' });
    });
  });
});

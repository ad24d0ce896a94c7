import {
  activePolicySetView,
  decisionView,
  policySetActivated,
  problem,
  reviewsPage,
} from '@countersign/contracts';
import { ServiceOverHttp } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { policyModule } from './policy-module.ts';
import { acmeFiles, agent, EXPORT, person, PolicyWorld, TestBus } from './spec-helpers.ts';

const notAsked = () => Promise.reject(new Error('No key is needed here.'));

describe('the policy service over HTTP', () => {
  let world: PolicyWorld;
  let service: ServiceOverHttp;

  beforeEach(async () => {
    world = await PolicyWorld.with();
    service = await ServiceOverHttp.start({
      context: (surroundings) => ({
        ...world.replica(),
        ...surroundings,
        service: 'policy' as const,
        bus: new TestBus(),
        keys: { signer: notAsked, tokenKey: notAsked, publicKeys: notAsked },
      }),
      module: policyModule,
      callerOf: (type, id) => (type === 'User' ? person(id) : agent(id)),
    });
  });
  afterEach(() => service.stop());

  const call = async (as: string, method: 'GET' | 'POST', url: string, body?: object) => {
    const { status, body: answer } = await service.call(as, method, url, body);
    return { status, body: answer };
  };

  const submitted = async () => {
    const id = await world.submit(EXPORT);
    return { id, path: `/v1/reviews/${id}/decisions`, digest: await world.digestOf(id) };
  };

  it('answers a first decision 201 and the same again 200', async () => {
    const { path, digest } = await submitted();
    const body = { decision: 'approve', reason: 'ok', digest };
    const first = await call('User/alice', 'POST', path, body);
    expect(first).toMatchObject({ status: 201, body: { status: 'approved' } });
    expect(decisionView.parse(first.body)).toEqual(first.body);
    expect(await call('User/alice', 'POST', path, body)).toEqual({ status: 200, body: first.body });
  });

  it.each([
    ['Agent/etl-bot', 403, 'not_human', 'not_human'],
    ['Agent/deploy-bot', 404, 'not_found', undefined],
    ['User/carol', 403, 'self_approval', 'is_owner'],
    ['User/dave', 403, 'not_eligible', 'not_in_group'],
  ])('answers a decision by %s %i %s', async (as, status, code, reason) => {
    const { path, digest } = await submitted();
    const answer = await call(as, 'POST', path, { decision: 'approve', reason: 'ok', digest });
    expect(problem.parse(answer.body)).toMatchObject({ status, code });
    expect(answer).toMatchObject({ status });
    expect(answer.body['reason']).toBe(reason);
  });

  it.each([
    [{ decision: 'approve', reason: 'ok', digest: 'A'.repeat(43) }, 409, 'digest_mismatch', 'digest'],
    [{ decision: 'maybe', reason: 'ok', digest: 'A'.repeat(43) }, 400, 'invalid_field', 'decision'],
    [{ decision: 'approve', reason: '', digest: 'A'.repeat(43) }, 400, 'invalid_field', 'reason'],
    [{ decision: 'approve', reason: 'ok', digest: 'A'.repeat(43), as: 'bob' }, 400, 'unknown_field', 'as'],
  ])('refuses %j with %i %s on %s', async (body, status, code, field) => {
    const { path } = await submitted();
    expect(await call('User/alice', 'POST', path, body)).toMatchObject({ status, body: { code, field } });
  });

  it('answers 404 alike for a request that does not exist and one that may not be seen', async () => {
    const { path, digest } = await submitted();
    const unknown = '/v1/reviews/99999999-9999-4999-8999-999999999999/decisions';
    const body = { decision: 'approve', reason: 'ok', digest };
    const answers = [
      await call('Agent/deploy-bot', 'POST', path, body),
      await call('Agent/deploy-bot', 'POST', unknown, body),
      await call('User/alice', 'POST', unknown, body),
    ].map((answer) => ({ ...answer, body: { ...answer.body, instance: undefined } }));
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('lists the reviews a person may decide', async () => {
    const { id } = await submitted();
    await world.replica().ensureEvaluated.ensure(id);
    await vi.waitFor(
      async () => {
        const { status, body } = await call('User/alice', 'GET', '/v1/reviews?status=open&limit=10');
        expect(status).toBe(200);
        expect(reviewsPage.parse(body).reviews.map((request) => request.id)).toEqual([id]);
      },
      { timeout: 10_000 },
    );
    expect(await call('User/dave', 'GET', '/v1/reviews')).toEqual({ status: 200, body: { reviews: [] } });
    expect(await call('User/alice', 'GET', '/v1/reviews?status=closed')).toMatchObject({ status: 400 });
    expect(await call('User/alice', 'GET', '/v1/reviews?cursor=x')).toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
  });

  it('shows and activates policy sets, large ones too', async () => {
    const shown = await call('User/dave', 'GET', '/v1/policy-sets/active');
    const { digest: replaces, files } = activePolicySetView.parse(shown.body);
    expect(files).toEqual(await acmeFiles());
    const large = await acmeFiles({
      'never.cedar': (text) => `${text}${'// a long explanation\n'.repeat(10_000)}`,
    });
    const body = { files: large, replaces };
    expect(await call('User/alice', 'POST', '/v1/policy-sets', body)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const first = await call('User/carol', 'POST', '/v1/policy-sets', body);
    expect(first.status).toBe(201);
    expect(policySetActivated.parse(first.body)).toMatchObject({ replaces, by: 'User::"carol"' });
    expect(await call('User/carol', 'POST', '/v1/policy-sets', body)).toEqual({ ...first, status: 200 });
    expect(await call('User/carol', 'POST', '/v1/policy-sets', { ...body, files })).toMatchObject({
      status: 409,
      body: { code: 'policy_set_changed', field: 'replaces' },
    });
  });

  it('answers a set that does not load 422, with file and line', async () => {
    const files = await acmeFiles({ 'data.cedar': (text) => text.replace('@quorum("1")', '@quorum("0")') });
    const { set } = await world.replica().policies.current();
    const body = { files, replaces: set.digest };
    expect(await call('User/carol', 'POST', '/v1/policy-sets', body)).toMatchObject({
      status: 422,
      body: { code: 'invalid_policy_set', field: 'data.cedar', diagnostics: [{ file: 'data.cedar' }] },
    });
  });
});

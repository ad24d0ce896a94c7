import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CountersignClient } from './countersign-client.ts';
import { FakeServer } from './fake-server/index.ts';
import type { TransportOptions } from './transport.ts';

const REQUEST = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'the quarterly report' },
};

let server: FakeServer;
const clientOf = (principal: string, options: Partial<TransportOptions> = {}): CountersignClient =>
  new CountersignClient({
    baseUrl: server.baseUrl,
    deadlineMs: 10_000,
    ...options,
    token: server.tokenFor(principal),
  } as TransportOptions);

beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(async () => server.stop());

describe('CountersignClient', () => {
  it('takes a request through its whole life', async () => {
    const agent = clientOf('Agent::"etl-bot"');
    const alice = clientOf('User::"alice"');
    const { id, digest } = await agent.submit(REQUEST);
    const open = await alice.reviews();
    expect(open.reviews.map((view) => view.id)).toEqual([id]);
    const decision = await alice.decide(id, { decision: 'approve', reason: 'fine', digest });
    expect(decision.status).toBe('approved');
    const approved = await agent.wait(id);
    const { token, grantId } = await agent.claim(id);
    const { subject, action, resource, context } = approved;
    const redeemed = await agent.redeem({
      action: { subject, action, resource, context: { ...context, justification: 'the quarterly report' } },
      token,
      redemptionId: 'one',
    });
    expect(redeemed.redemption).toMatchObject({ requestId: id, enforcement: 'advisory' });
    const outcome = await agent.report(grantId, { status: 'succeeded', exitCode: 0 });
    expect(outcome).toMatchObject({ late: false });
  });

  it("throws the problem's code, status and field", async () => {
    const agent = clientOf('Agent::"etl-bot"');
    const { id, digest } = await agent.submit(REQUEST);
    await expect(agent.decide(id, { decision: 'approve', reason: 'me', digest })).rejects.toMatchObject({
      name: 'CountersignError',
      code: 'not_human',
      status: 403,
    });
    await expect(agent.decide(id, { decision: 'approve', reason: '', digest })).rejects.toMatchObject({
      code: 'invalid_field',
      status: 400,
      field: 'reason',
    });
  });

  it('repeats a submission only where a key makes the repeat safe', async () => {
    const agent = clientOf('Agent::"etl-bot"');
    server.failNext('POST /v1/requests', 'drop');
    await expect(agent.submit(REQUEST)).rejects.toMatchObject({ code: 'unreachable' });
    expect(server.calls).toHaveLength(1);
    server.failNext('POST /v1/requests', 'unavailable', 'lose-answer');
    await expect(agent.submit(REQUEST, { idempotencyKey: 'k' })).resolves.toMatchObject({
      status: 'pending',
    });
    expect(server.calls).toHaveLength(4);
    expect(server.requests).toHaveLength(1);
  });

  it.each(['capped', 'overloaded'] as const)(
    'repeats a submission that was turned away (%s), since nothing was done',
    async (fault) => {
      const agent = clientOf('Agent::"etl-bot"');
      server.failNext('POST /v1/requests', fault, fault);
      await expect(agent.submit(REQUEST)).resolves.toMatchObject({ status: 'pending' });
      expect(server.calls).toHaveLength(3);
      expect(server.requests).toHaveLength(1);
    },
  );

  it('says at which cap it is, and when to come back, where that is past the deadline', async () => {
    const agent = clientOf('Agent::"etl-bot"');
    server.retryAfter = '3600';
    server.failNext('POST /v1/requests', 'capped');
    await expect(agent.submit(REQUEST, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'too_many_open_requests',
      status: 429,
      retryAfterS: 3_600,
    });
    expect(server.calls).toHaveLength(1);
  });

  it('gives up at the deadline, with what the server said last', async () => {
    const agent = clientOf('Agent::"etl-bot"', { deadlineMs: 0 });
    server.failNext('GET /v1/requests/x', ...Array.from({ length: 50 }, () => 'unavailable' as const));
    await expect(agent.get('x')).rejects.toMatchObject({
      code: 'unreachable',
      status: 503,
      problem: { code: 'store_unavailable' },
    });
  });

  it('ends a long poll at once when the caller aborts', async () => {
    const agent = clientOf('Agent::"etl-bot"');
    const { id } = await agent.submit(REQUEST);
    const abort = new AbortController();
    const waiting = agent.wait(id, { signal: abort.signal, onChange: () => abort.abort() });
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  });

  it('asks for a token before each attempt', async () => {
    const principal = 'Agent::"etl-bot"';
    const tokens = ['wrong', server.tokenFor(principal)];
    const agent = new CountersignClient({
      baseUrl: server.baseUrl,
      tokenProvider: () => tokens.shift() ?? '',
    });
    await expect(agent.submit(REQUEST)).rejects.toMatchObject({ code: 'token_invalid', status: 401 });
    await expect(agent.submit(REQUEST)).resolves.toMatchObject({ status: 'pending' });
  });

  it('refuses a token that no header can carry, without quoting it', async () => {
    const agent = new CountersignClient({ baseUrl: server.baseUrl, token: 'geheim\nniss' });
    const failure = await agent.get('x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid_token' });
    expect(String(failure)).not.toContain('geheim');
  });

  it.each([
    ['not JSON', '<html>', 200],
    ['a request without a digest', '{"id":"x"}', 200],
    ['a refusal without a problem', '{}', 404],
    ['a redirect', '', 302],
  ])('refuses an answer that is %s', async (_, body, status) => {
    const agent = clientOf('Agent::"etl-bot"', { fetch: async () => new Response(body, { status }) });
    await expect(agent.get('x')).rejects.toMatchObject({ code: 'invalid_response', status });
  });

  it('reads an answer that says more than this build knows', async () => {
    const view = await clientOf('Agent::"etl-bot"').submit(REQUEST);
    const newer = { ...view, mood: 'good', review: { ...view.review, weather: 'fair' } };
    const agent = clientOf('Agent::"etl-bot"', { fetch: async () => Response.json(newer) });
    await expect(agent.get(view.id)).resolves.toEqual(view);
  });

  it.each(['ftp://x', 'http://user:pass@x', 'nonsense'])('refuses the address %s', (baseUrl) => {
    expect(() => new CountersignClient({ baseUrl, token: 't' })).toThrow(
      expect.objectContaining({ code: 'invalid_base_url' }),
    );
  });
});

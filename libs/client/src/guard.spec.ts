import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActionRequest } from './action-request.ts';
import { CountersignClient } from './countersign-client.ts';
import { FakeServer, type FakeRequest } from './fake-server/index.ts';
import { guard, type GuardOptions } from './guard.ts';
import type { GuardError } from './guard-error.ts';

const REQUEST: ActionRequest = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'the quarterly report', rows: 42 },
};

let server: FakeServer;
let client: CountersignClient;

const clientOf = (principal: string, deadlineMs = 10_000): CountersignClient =>
  new CountersignClient({ baseUrl: server.baseUrl, token: server.tokenFor(principal), deadlineMs });

beforeEach(async () => {
  server = await FakeServer.start();
  client = clientOf('Agent::"etl-bot"');
});
afterEach(async () => server.stop());

/** Runs a guarded function while something happens to the request. */
const guarded = async (
  meanwhile: (request: FakeRequest) => unknown,
  options: GuardOptions<string> = {},
  request: ActionRequest = REQUEST,
) => {
  const run = vi.fn<() => string>(() => 'exported');
  const earlier = server.requests.length;
  const result = guard(client, request, run, options).catch((error: unknown) => error as GuardError);
  void server.submitted(earlier).then(meanwhile);
  return { run, result: await result };
};

describe('guard', () => {
  it('runs an approved action once, with the frozen action that was redeemed, and reports it', async () => {
    const { run, result } = await guarded((request) => request.moveTo('approved'));
    const [request] = server.requests;
    expect(result).toEqual({
      outcome: 'succeeded',
      requestId: request!.id,
      grantId: request!.id,
      value: 'exported',
    });
    expect(run).toHaveBeenCalledTimes(1);
    expect(run.mock.calls[0]).toMatchObject([
      request!.action,
      { requestId: request!.id, enforcement: 'advisory' },
    ]);
    expect(request!.outcome).toEqual({ status: 'succeeded' });
  });

  it("can't be moved by changing the request after the call, and hands out an action that can't be changed", async () => {
    const context = { justification: 'report', where: { bucket: 'ours' } };
    const seen: unknown[] = [];
    const done = guard(client, { ...REQUEST, context }, (action) => {
      seen.push(action.context['where'], Object.isFrozen(action.context['where']));
    });
    context.where.bucket = 'theirs';
    (await server.submitted()).moveTo('approved');
    await done;
    expect(seen).toEqual([{ bucket: 'ours' }, true]);
  });

  it.each([
    ['denied', (request) => request.moveTo('denied')],
    ['expired', (request) => request.moveTo('expired')],
    ['undeliverable', (request) => request.moveTo('undeliverable')],
    ['cancelled', (request) => request.cancel()],
    ['revoked', (request) => request.moveTo('revoked')],
    ['grant_expired', (request) => request.moveTo('grant_expired')],
    ['already_redeemed', (request) => request.moveTo('redeemed')],
  ] satisfies [string, (request: FakeRequest) => void][])(
    'never starts what is %s',
    async (code, meanwhile) => {
      const { run, result } = await guarded(meanwhile);
      expect(result).toMatchObject({ code, requestId: server.requests[0]!.id });
      expect(run).not.toHaveBeenCalled();
    },
  );

  it('says who denied, and why', async () => {
    const { result } = await guarded((request) => {
      request.denial = { approver: 'User::"alice"', reason: 'too many rows' };
      request.moveTo('denied');
    });
    expect(result).toHaveProperty('message', expect.stringContaining('User::"alice": too many rows'));
  });

  it('never starts what was revoked between the claim and the redemption', async () => {
    const { run, result } = await guarded((request) => request.moveTo('approved'), {
      beforeRedemption: () => server.requests[0]!.moveTo('revoked'),
    });
    expect(result).toMatchObject({ code: 'revoked' });
    expect(run).not.toHaveBeenCalled();
  });

  it('cancels the request when the last look before redemption objects', async () => {
    const objection = new Error('the file changed');
    const { run, result } = await guarded((request) => request.moveTo('approved'), {
      beforeRedemption: () => {
        throw objection;
      },
    });
    expect(result).toMatchObject({ code: 'refused', cause: objection });
    expect(server.requests[0]!.status).toBe('revoked');
    expect(run).not.toHaveBeenCalled();
  });

  it('cancels the request when the caller aborts while it waits', async () => {
    const abort = new AbortController();
    const { run, result } = await guarded(() => abort.abort(), { signal: abort.signal });
    expect(result).toMatchObject({ code: 'cancelled', request: { status: 'cancelled' } });
    expect(run).not.toHaveBeenCalled();
  });

  it('cancels the request when the time to wait is over', async () => {
    const { run, result } = await guarded(() => undefined, { timeoutMs: 50 });
    expect(result).toMatchObject({ code: 'wait_timeout', request: { status: 'cancelled' } });
    expect(run).not.toHaveBeenCalled();
  });

  it('never starts when the server goes away while it waits', async () => {
    client = clientOf('Agent::"etl-bot"', 100);
    const { run, result } = await guarded(async () => server.stop());
    expect(result).toMatchObject({ code: 'unreachable' });
    expect(run).not.toHaveBeenCalled();
  });

  it('never starts when the server was never there', async () => {
    client = clientOf('Agent::"etl-bot"', 100);
    await server.stop();
    const run = vi.fn<() => void>();
    await expect(guard(client, REQUEST, run)).rejects.toMatchObject({ code: 'unreachable' });
    expect(run).not.toHaveBeenCalled();
  });

  it('never starts another action than the one that the server recorded', async () => {
    const other = { ...REQUEST, resource: { type: 'Dataset', id: 'staging' } };
    const body = JSON.stringify(await client.submit(other));
    const lying = new CountersignClient({
      baseUrl: server.baseUrl,
      token: server.tokenFor('Agent::"etl-bot"'),
      fetch: async () => new Response(body, { status: 202 }),
    });
    const run = vi.fn<() => void>();
    await expect(guard(lying, REQUEST, run)).rejects.toMatchObject({ code: 'digest_mismatch' });
    expect(run).not.toHaveBeenCalled();
  });

  it('redeems once and runs once when the answer to the redemption is lost', async () => {
    server.failNext('POST /v1/grants/redemptions', 'lose-answer', 'unavailable', 'drop');
    const { run, result } = await guarded((request) => request.moveTo('approved'));
    expect(result).toMatchObject({ outcome: 'succeeded' });
    expect(run).toHaveBeenCalledTimes(1);
    const redemptions = server.calls.filter(({ path }) => path.endsWith('/redemptions'));
    expect(redemptions).toHaveLength(4);
    expect(new Set(redemptions.map(({ body }) => body)).size).toBe(1);
  });

  it('submits one request when the answer to the submission is lost', async () => {
    server.failNext('POST /v1/requests', 'lose-answer');
    const { result } = await guarded((request) => request.moveTo('approved'));
    expect(result).toMatchObject({ outcome: 'succeeded' });
    expect(server.requests).toHaveLength(1);
  });

  it('reports again when the report is lost, and says so when it never arrives', async () => {
    const { result } = await guarded((request) => {
      server.failNext(`POST /v1/grants/${request.grantId}/outcome`, 'lose-answer');
      request.moveTo('approved');
    });
    expect(result).toMatchObject({ outcome: 'succeeded' });
    expect(result).not.toHaveProperty('reportError');
    const unheard = await guarded(
      (request) => {
        server.failNext(`POST /v1/grants/${request.grantId}/outcome`, 'drop');
        request.moveTo('approved');
      },
      { idempotencyKey: 'unheard', reportDeadlineMs: 0 },
    );
    expect(unheard.result).toMatchObject({ value: 'exported', reportError: { code: 'unreachable' } });
  });

  it('reports what the function threw by name alone, and rethrows it as the cause', async () => {
    const thrown = new RangeError('password=hunter2');
    const done = guard(client, REQUEST, () => Promise.reject(thrown)).catch((error: unknown) => error);
    (await server.submitted()).moveTo('approved');
    expect(await done).toMatchObject({ code: 'execution_failed', cause: thrown });
    expect(server.requests[0]!.outcome).toEqual({ status: 'failed', summary: 'RangeError' });
  });

  it('reports what the caller makes of the value', async () => {
    const { result } = await guarded((request) => request.moveTo('approved'), {
      outcomeOf: () => ({ status: 'failed', exitCode: 3 }),
    });
    expect(result).toMatchObject({ outcome: 'failed', value: 'exported' });
    expect(server.requests[0]!.outcome).toEqual({ status: 'failed', exitCode: 3 });
  });

  it('lets the named executor redeem and report, and nobody else', async () => {
    const executor = { type: 'Service', id: 'db-gateway' };
    const request = { ...REQUEST, context: { ...REQUEST.context, executor } };
    const redeemer = clientOf('Service::"db-gateway"');
    const approve = (submitted: FakeRequest) => submitted.moveTo('approved');
    const allowed = await guarded(approve, { redeemer, idempotencyKey: 'one' }, request);
    expect(allowed.result).toMatchObject({ outcome: 'succeeded' });
    await server.stop();
    server = await FakeServer.start();
    client = clientOf('Agent::"etl-bot"');
    const refused = await guarded(approve, {}, request);
    expect(refused.result).toMatchObject({ code: 'refused', cause: { code: 'wrong_executor', status: 403 } });
    expect(refused.run).not.toHaveBeenCalled();
  });

  it('refuses before it sends anything what intake would refuse', async () => {
    const context = { justification: '' };
    await expect(guard(client, { ...REQUEST, context }, () => undefined)).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'context.justification',
    });
    expect(server.calls).toEqual([]);
  });

  it('tells of each change while it waits', async () => {
    const seen: string[] = [];
    const heard = new EventTarget();
    const { result } = await guarded(
      async (request) => {
        await once(heard, 'pending');
        request.moveTo('approved');
      },
      {
        onChange: ({ status, version }) => {
          seen.push(`${status} ${version}`);
          heard.dispatchEvent(new Event(status));
        },
      },
    );
    expect(result).toMatchObject({ outcome: 'succeeded' });
    expect(new Set(seen)).toEqual(new Set(['pending 2', 'approved 3']));
  });
});

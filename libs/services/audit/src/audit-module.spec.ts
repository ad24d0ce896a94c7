import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditCase, auditEventsPage, auditRebuild, auditRequestsPage, problem } from '@countersign/contracts';
import {
  AuthenticationError,
  createHttpApp,
  Lifecycle,
  SILENT_LOGGER,
  type HttpApp,
  type ServiceConfig,
  type ServiceContext,
} from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditModule } from './audit-module.ts';
import { Story } from './story-spec-helpers.ts';

const configIn = (dataFolder: string): ServiceConfig => ({
  mode: 'development',
  dataFolder,
  http: { host: '127.0.0.1', port: 0 },
  policiesFolder: undefined,
  issuers: [],
  eventStore: { kind: 'sqlite', folder: undefined },
  nats: { url: undefined, user: undefined, passwordFile: undefined, serverBinary: 'nats-server' },
  logLevel: 'info',
  otlpEndpoint: undefined,
  shutdownTimeoutMs: 5_000,
  drainMs: 0,
});

const notAsked = (): never => {
  throw new Error('Audit has no use for this.');
};

/** A bearer's token is its name in Cedar's notation, in base64url. */
const contextOf = (world: World, folder: string, lifecycle: Lifecycle): ServiceContext => ({
  ...world.context('audit'),
  config: configIn(folder),
  lifecycle,
  authenticator: {
    authenticate: (token) =>
      token === 'stranger'
        ? Promise.reject(new AuthenticationError('token_invalid'))
        : world.caller(Buffer.from(token, 'base64url').toString('utf8')),
  },
  bus: { ring: notAsked, hear: notAsked, request: notAsked, connected: true },
  requestQueue: { consume: notAsked },
  requesterOutlet: { announce: notAsked },
  keys: { signer: notAsked, tokenKey: notAsked, publicKeys: notAsked },
  viewPath: (name) => join(folder, `${name}.db`),
});

describe('the audit service over HTTP', () => {
  let folder: string;
  let http: HttpApp;
  let lifecycle: Lifecycle;
  let address: string;
  let story: Story;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
    const world = await World.acme();
    lifecycle = new Lifecycle(SILENT_LOGGER);
    const context = contextOf(world, folder, lifecycle);
    http = await createHttpApp({ ...context, modules: [auditModule(context)], version: '0.0.0' });
    address = await http.listen('127.0.0.1', 0);
    story = await Story.begin(world, 1);
    await story.evaluate();
    await story.decide('alice');
    await lifecycle.start();
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
  });
  afterEach(async () => {
    await lifecycle.stop(5_000);
    await http.close();
    rmSync(folder, { recursive: true });
  });

  const call = async (as: string, url: string, method: 'GET' | 'POST' = 'GET') => {
    const token = as === 'stranger' ? as : Buffer.from(as, 'utf8').toString('base64url');
    const response = await fetch(address + url, { method, headers: { authorization: `Bearer ${token}` } });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  const asDave = (url: string, method?: 'POST') => call('User::"dave"', url, method);

  it('lists requests by filters', async () => {
    const { status, body } = await asDave('/v1/audit/requests?status=approved&approver=alice&limit=5');
    expect(status).toBe(200);
    expect(auditRequestsPage.parse(body)).toMatchObject({
      mode: 'development',
      requests: [{ id: story.id }],
    });
  });

  it('tells a case', async () => {
    const { status, body } = await asDave(`/v1/audit/requests/${story.id}`);
    expect(status).toBe(200);
    expect(auditCase.parse(body)).toMatchObject({
      id: story.id,
      problems: [],
      request: { status: 'approved' },
    });
  });

  it('exports events', async () => {
    const { status, body } = await asDave(`/v1/audit/events?request=${story.id}&category=review`);
    expect(status).toBe(200);
    expect(auditEventsPage.parse(body).events).toHaveLength(4);
  });

  it('rebuilds', async () => {
    const { status, body } = await asDave('/v1/audit/rebuild', 'POST');
    expect(status).toBe(200);
    expect(auditRebuild.parse(body)).toMatchObject({ equal: true, requests: 1 });
  });

  it.each([
    ['/v1/audit/requests?state=open', 'unknown_field', 'state'],
    ['/v1/audit/requests?status=open', 'invalid_field', 'status'],
    ['/v1/audit/requests?limit=0', 'invalid_field', 'limit'],
    ['/v1/audit/requests?from=yesterday', 'invalid_field', 'from'],
    ['/v1/audit/requests?approver=Agent::%22etl-bot%22', 'invalid_field', 'approver'],
    ['/v1/audit/requests?approver=User::alice', 'invalid_field', 'approver'],
    ['/v1/audit/requests?cursor=x', 'invalid_cursor', 'cursor'],
    ['/v1/audit/requests/17', 'invalid_field', 'id'],
    ['/v1/audit/events?category=secrets', 'invalid_field', 'category'],
    ['/v1/audit/events?request=17', 'invalid_field', 'request'],
  ])('refuses %s and names the field', async (url, code, field) => {
    const { status, body } = await asDave(url);
    expect(status).toBe(400);
    expect(problem.parse(body)).toMatchObject({ code, field });
  });

  const endpoints = (id: string) =>
    [
      ['GET', '/v1/audit/requests', 403, 'not_auditor'],
      ['GET', `/v1/audit/requests/${id}`, 404, 'not_found'],
      ['GET', '/v1/audit/events', 403, 'not_auditor'],
      ['POST', '/v1/audit/rebuild', 403, 'not_auditor'],
    ] as const;

  it.each(['User::"alice"', 'User::"bob"', 'User::"carol"', 'Agent::"etl-bot"', 'Service::"db-gateway"'])(
    'tells %s nothing',
    async (who) => {
      for (const [method, url, status, code] of endpoints(story.id)) {
        const answer = await call(who, url, method);
        expect([url, answer.status, problem.parse(answer.body).code]).toEqual([url, status, code]);
      }
    },
  );

  it('tells a stranger nothing', async () => {
    for (const [method, url] of endpoints(story.id)) {
      expect((await call('stranger', url, method)).status).toBe(401);
    }
  });

  it('answers a case that may not be read as one that does not exist', async () => {
    const strip = ({ body }: { body: unknown }) => ({ ...problem.parse(body), instance: '' });
    const none = '00000000-0000-4000-8000-000000000099';
    const hidden = await call('Agent::"etl-bot"', `/v1/audit/requests/${story.id}`);
    const absent = await asDave(`/v1/audit/requests/${none}`);
    expect(strip(hidden)).toEqual(strip(absent));
  });
});

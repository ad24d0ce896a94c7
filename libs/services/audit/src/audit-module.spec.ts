import { auditCase, auditEventsPage, auditRebuild, auditRequestsPage, problem } from '@countersign/contracts';
import { ServiceOverHttp, World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditModule } from './audit-module.ts';
import { Story } from './story-spec-helpers.ts';

const notAsked = (): never => {
  throw new Error('Audit has no use for this.');
};

/** Audit follows the log, and asks nobody. */
const UNASKED = {
  bus: { ring: notAsked, hear: notAsked, request: notAsked, connected: true },
  requestQueue: { consume: notAsked },
  requesterOutlet: { announce: notAsked },
  keys: { signer: notAsked, tokenKey: notAsked, publicKeys: notAsked },
};

describe('the audit service over HTTP', () => {
  let service: ServiceOverHttp;
  let story: Story;

  beforeEach(async () => {
    const world = await World.acme();
    story = await Story.begin(world, 1);
    await story.evaluate();
    await story.decide('alice');
    service = await ServiceOverHttp.start({
      context: (surroundings) => ({ ...world.context('audit'), ...UNASKED, ...surroundings }),
      module: auditModule,
      callerOf: (type, id) => world.caller(`${type}::"${id}"`),
    });
  });
  afterEach(() => service.stop());

  const call = (as: string, url: string, method: 'GET' | 'POST' = 'GET') => service.call(as, method, url);
  const asDave = (url: string, method?: 'POST') => call('User/dave', url, method);

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

  it.each(['User/alice', 'User/bob', 'User/carol', 'Agent/etl-bot', 'Service/db-gateway'])(
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
    const hidden = await call('Agent/etl-bot', `/v1/audit/requests/${story.id}`);
    const absent = await asDave(`/v1/audit/requests/${none}`);
    expect(strip(hidden)).toEqual(strip(absent));
  });
});

import { randomUUID } from 'node:crypto';
import { reviewsPage, type RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { enlargeAcme, ERIN, ERIN_BOT, FRANK } from './harness/larger-acme.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  BOB,
  CAROL,
  claim,
  DAVE,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  GATEWAY,
  RELEASE,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

type Who = readonly [as: string, initiator?: string];

const PRINCIPALS: readonly Who[] = [
  [ETL_BOT],
  [DEPLOY_BOT],
  [ERIN_BOT],
  [RELEASE, 'carol'],
  [RELEASE, 'alice'],
  [GATEWAY],
  [ALICE],
  [BOB],
  [CAROL],
  [DAVE],
  [ERIN],
  [FRANK],
];

let countersign: Countersign;
const callers = new Map<Who, Api>();
const requests = new Map<string, RequestView>();

const ask = async (body: object): Promise<RequestView> => {
  const etlBot = await countersign.api(ETL_BOT);
  return awaitStatus(etlBot, (await submit(etlBot, body)).id, 'pending', 'denied', 'approved');
};

beforeAll(async () => {
  countersign = await Countersign.start({ editPolicies: enlargeAcme });
  for (const who of PRINCIPALS) callers.set(who, await countersign.api(...who));
  requests.set('an export under review', await ask(smallExport()));
  requests.set('an export that may run', await ask(smallExport()));
  requests.set('an escalation under review', await ask(actionOf('iam.escalate', 'Role', 'admin')));
  requests.set('a denied deletion', await ask(actionOf('database.delete', 'Database', 'orders')));
  const mayRun = requestCalled('an export that may run');
  await approve(await countersign.api(ALICE), mayRun);
  await claim(await countersign.api(ETL_BOT), mayRun.id);
});
afterAll(() => countersign.dispose());

const requestCalled = (name: string): RequestView => {
  const request = requests.get(name);
  if (request === undefined) throw new Error(`There is no request called ${name}.`);
  return request;
};

const callerFor = (who: Who): Api => {
  const caller = callers.get(who);
  if (caller === undefined) throw new Error(`Nobody prepared ${who.join(' by ')}.`);
  return caller;
};

/** Its requester, its owner, who is asked to decide it, and auditors. */
const READERS: readonly [request: string, readers: readonly string[]][] = [
  ['an export under review', [ETL_BOT, CAROL, ALICE, BOB, DAVE]],
  ['an export that may run', [ETL_BOT, CAROL, ALICE, BOB, DAVE]],
  ['an escalation under review', [ETL_BOT, CAROL, BOB, DAVE]],
  ['a denied deletion', [ETL_BOT, CAROL, DAVE]],
];

type Endpoint = readonly [name: string, call: (caller: Api, id: string) => Promise<Answer>];

const ENDPOINTS: readonly Endpoint[] = [
  ['read', (caller, id) => caller.get(`/v1/requests/${id}`)],
  ['wait for', (caller, id) => caller.get(`/v1/requests/${id}?wait=30&after=99`)],
  ['cancel', (caller, id) => caller.post(`/v1/requests/${id}/cancellation`)],
  ['claim', (caller, requestId) => caller.post('/v1/grants', { requestId })],
  ['revoke', (caller, id) => caller.post(`/v1/grants/${id}/revocation`, { reason: 'Stop.' })],
  ['report on', (caller, id) => caller.post(`/v1/grants/${id}/outcome`, { status: 'succeeded' })],
];

/** All that a caller sees of an answer, but for the instance and what differs by nature. */
const seen = ({ status, headers, json }: Answer): object => {
  const { instance: _instance, ...problem } = json as Record<string, unknown>;
  const shown = [...headers].filter(([name]) => !['date', 'traceparent', 'x-request-id'].includes(name));
  return { status, headers: shown, problem };
};

const outsiders = READERS.flatMap(([request, readers]) =>
  PRINCIPALS.filter(([as]) => !readers.includes(as)).map((who) => [request, who] as const),
);

const titled = (who: Who): { title: string; who: Who } => ({ title: who.join(' started by '), who });

/** Persons are told precisely why their decision doesn't count. */
const AUTOMATA = PRINCIPALS.filter(([as]) => as !== ETL_BOT && !as.startsWith('User')).map(titled);

describe('who may not read a request gets the 404 of an id that does not exist', () => {
  const cells = outsiders.flatMap(([request, who]) =>
    ENDPOINTS.map((endpoint) => ({ ...titled(who), request, endpoint })),
  );
  it.each(cells)('$title may not $endpoint.0 $request', async ({ request, who, endpoint: [, call] }) => {
    const caller = callerFor(who);
    const { id } = requestCalled(request);
    const [answer, nowhere] = await appendsNothing(countersign.log, async () => [
      await call(caller, id),
      await call(caller, randomUUID()),
    ]);
    expectProblem(answer, { status: 404, code: 'not_found' });
    expect(seen(answer)).toEqual(seen(nowhere));
  });

  it.each(AUTOMATA)('$title may not decide it either', async ({ who }) => {
    const request = requestCalled('an export under review');
    const answer = await appendsNothing(countersign.log, () => decide(callerFor(who), request));
    const nowhere = await decide(callerFor(who), { ...request, id: randomUUID() });
    expectProblem(answer, { status: 404, code: 'not_found' });
    expect(seen(answer)).toEqual(seen(nowhere));
  });
});

describe('who may read a request', () => {
  const cells = READERS.flatMap(([request, readers]) => readers.map((reader) => [reader, request] as const));
  it.each(cells)('%s reads %s, and all read the same', async (reader, request) => {
    const { id } = requestCalled(request);
    const answer = await (await countersign.api(reader)).get(`/v1/requests/${id}`);
    const asRequester = await (await countersign.api(ETL_BOT)).get(`/v1/requests/${id}`);
    expect([answer.status, answer.json]).toEqual([200, asRequester.json]);
  });

  it.each([
    [ALICE, 'an export under review', 'forbidden'],
    [DAVE, 'an export under review', 'forbidden'],
    [ALICE, 'an export that may run', 'forbidden'],
    [DAVE, 'an export that may run', 'forbidden'],
  ])('%s may still not cancel %s', async (who, request, code) => {
    const caller = await countersign.api(who);
    const { id } = requestCalled(request);
    const answer = await appendsNothing(countersign.log, () =>
      caller.post(`/v1/requests/${id}/cancellation`),
    );
    expectProblem(answer, { status: 403, code });
  });

  it.each([[DAVE], [ETL_BOT]])('%s may still not revoke what may run', async (who) => {
    const caller = await countersign.api(who);
    const { id } = requestCalled('an export that may run');
    const answer = await appendsNothing(countersign.log, () =>
      caller.post(`/v1/grants/${id}/revocation`, { reason: 'Stop.' }),
    );
    expectProblem(answer, { status: 403, code: 'forbidden' });
  });
});

describe('the reviews that are listed', () => {
  it.each([
    [ALICE, undefined, ['an export under review']],
    [BOB, undefined, ['an export under review', 'an escalation under review']],
    [CAROL, undefined, []],
    [DAVE, undefined, []],
    [ERIN, undefined, []],
    [FRANK, undefined, []],
    [ETL_BOT, undefined, []],
    [RELEASE, 'bob', []],
  ])('to %s (%s) are those which they may decide', async (as, initiator, names) => {
    const caller = await countersign.api(as, initiator);
    const { reviews } = reviewsPage.parse((await caller.get('/v1/reviews?status=open')).json);
    const wanted = names.map((name) => requestCalled(name).id);
    expect(reviews.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
  });

  it('by a cursor that nobody gave out is refused', async () => {
    const answer = await (await countersign.api(ALICE)).get('/v1/reviews?cursor=bm9uc2Vuc2U');
    expectProblem(answer, { status: 400, code: 'invalid_cursor', field: 'cursor' });
  });
});

describe('the record', () => {
  const AUDIT: readonly Endpoint[] = [
    ['list requests', (caller) => caller.get('/v1/audit/requests')],
    ['read a case', (caller, id) => caller.get(`/v1/audit/requests/${id}`)],
    ['list events', (caller, id) => caller.get(`/v1/audit/events?request=${id}`)],
    ['rebuild', (caller) => caller.post('/v1/audit/rebuild')],
  ];
  const strangers = PRINCIPALS.filter(([as]) => as !== DAVE).map(titled);
  const cells = strangers.flatMap((stranger) => AUDIT.map((endpoint) => ({ ...stranger, endpoint })));

  it.each(cells)('is not there for $title to $endpoint.0', async ({ who, endpoint: [name, call] }) => {
    const caller = callerFor(who);
    const { id } = requestCalled('an export that may run');
    const [answer, nowhere] = await appendsNothing(countersign.log, async () => [
      await call(caller, id),
      await call(caller, randomUUID()),
    ]);
    const isCase = name === 'read a case';
    expectProblem(answer, isCase ? { status: 404, code: 'not_found' } : { status: 403, code: 'not_auditor' });
    expect(seen(answer)).toEqual(seen(nowhere));
  });

  it('is there for an auditor, and each reading of it is recorded', async () => {
    const dave = await countersign.api(DAVE);
    const { id } = requestCalled('an export that may run');
    for (const [, call] of AUDIT) expect((await call(dave, id)).status).toBe(200);
    const readings = countersign.log.streams('evidence').flatMap((stream) => countersign.log.types(stream));
    expect(readings).toContain('EvidenceRead');
    expectProblem(await dave.get(`/v1/audit/requests/${randomUUID()}`), { status: 404, code: 'not_found' });
  });

  it.each([
    ['/v1/audit/requests?status=open', 'invalid_field', 'status'],
    ['/v1/audit/requests?from=yesterday', 'invalid_field', 'from'],
    ['/v1/audit/requests?limit=0', 'invalid_field', 'limit'],
    ['/v1/audit/requests?sort=asc', 'unknown_field', 'sort'],
    ['/v1/audit/requests?cursor=bm9uc2Vuc2U', 'invalid_cursor', 'cursor'],
    ['/v1/audit/events?request=1', 'invalid_field', 'request'],
    ['/v1/audit/events?category=secrets', 'invalid_field', 'category'],
    ['/v1/audit/events?cursor=bm9uc2Vuc2U', 'invalid_cursor', 'cursor'],
  ])('is not asked for by %s', async (path, code, field) => {
    const dave = await countersign.api(DAVE);
    const answer = await appendsNothing(countersign.log, () => dave.get(path));
    expectProblem(answer, { status: 400, code, field });
  });
});

describe('the policy set in force', () => {
  it.each([[ETL_BOT], [GATEWAY], [ERIN]])('is not shown to %s', async (who) => {
    expectProblem(await (await countersign.api(who)).get('/v1/policy-sets/active'), {
      status: 403,
      code: 'forbidden',
    });
  });

  it.each([[ALICE], [DAVE], [ETL_BOT], [ERIN]])('is not replaced by %s', async (who) => {
    const caller = await countersign.api(who);
    const body = { files: [{ path: 'a.cedar', content: '' }], replaces: 'A'.repeat(43) };
    const answer = await appendsNothing(countersign.log, () => caller.post('/v1/policy-sets', body));
    expectProblem(answer, { status: 403, code: 'forbidden' });
  });
});

it('and the log holds what it must', () => assertInvariants(countersign, { maxOverdueMs: 3_000 }));

import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Body, HeaderValues } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { ALICE, awaitStatus, DAVE, ETL_BOT, read, smallExport, submit } from './harness/life-cycle.ts';
import { REFUSED_BODIES } from './harness/refused-bodies.ts';

let countersign: Countersign;
let etlBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start();
  [etlBot, alice] = await Promise.all([countersign.api(ETL_BOT), countersign.api(ALICE)]);
});
afterAll(() => countersign.dispose());

describe('a request is refused with code and field, and leaves no trace, where it is', () => {
  it.each(REFUSED_BODIES)('%s', async (_what, body, status, code, field) => {
    const answer = await appendsNothing(countersign.log, () => etlBot.post('/v1/requests', body));
    if (code === 'nesting_too_deep') expect(answer.json).toMatchObject({ status, code });
    else expectProblem(answer, { status, code, field });
  });

  it.each([
    [
      'prod called staging',
      { type: 'Dataset', id: 'customers', properties: { environment: 'staging' } },
      'environment',
    ],
    [
      'a sensitivity lowered',
      { type: 'Secret', id: 'db', properties: { sensitivity: 'low' } },
      'sensitivity',
    ],
  ])('contradicts the catalogue: %s', async (_what, resource, name) => {
    const answer = await appendsNothing(countersign.log, () =>
      etlBot.post('/v1/requests', { ...smallExport(), resource }),
    );
    expectProblem(answer, { status: 422, code: 'property_conflict', field: `resource.properties.${name}` });
  });
});

type AroundTheBody = [
  what: string,
  path: string,
  headers: HeaderValues,
  status: number,
  code: string,
  field?: string,
];

const AROUND: AroundTheBody[] = [
  [
    'a body that says it is text',
    '/v1/requests',
    { 'content-type': 'text/plain' },
    415,
    'unsupported_media_type',
  ],
  [
    'a form',
    '/v1/requests',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported_media_type',
  ],
  ['a wait over a minute', '/v1/requests?wait=61', {}, 400, 'invalid_field', 'wait'],
  ['a wait that is no number', '/v1/requests?wait=soon', {}, 400, 'invalid_field', 'wait'],
  ['a wait given twice', '/v1/requests?wait=1&wait=2', {}, 400, 'invalid_field', 'wait'],
  ['an unknown parameter', '/v1/requests?force=true', {}, 400, 'unknown_field', 'force'],
  [
    'an empty idempotency key',
    '/v1/requests',
    { 'idempotency-key': '' },
    400,
    'invalid_field',
    'idempotency-key',
  ],
  [
    'an endless idempotency key',
    '/v1/requests',
    { 'idempotency-key': 'k'.repeat(201) },
    400,
    'invalid_field',
    'idempotency-key',
  ],
];

describe('around the body', () => {
  it.each(AROUND)('%s is refused', async (_what, path, headers, status, code, field) => {
    const answer = await appendsNothing(countersign.log, () => etlBot.post(path, smallExport(), headers));
    expectProblem(answer, { status, code, field });
  });

  it('an unknown method of a known path names the known ones', async () => {
    const answer = await etlBot.get('/v1/requests');
    expectProblem(answer, { status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('an unknown path is not found', async () => {
    expectProblem(await etlBot.get('/v1/secrets'), { status: 404, code: 'not_found' });
  });

  it.each(['%zz', 'a'.repeat(501)])('an address that can not be read is refused: %s', async (id) => {
    expectProblem(await etlBot.get(`/v1/requests/${id}`), { status: 400, code: 'bad_request' });
  });

  it('a person may not ask', async () => {
    const answer = await appendsNothing(countersign.log, () => alice.post('/v1/requests', smallExport()));
    expectProblem(answer, { status: 403, code: 'not_a_requester' });
  });
});

describe('a decision is refused with code and field where it has', () => {
  const good = { decision: 'approve', reason: 'Looks right.', digest: 'A'.repeat(43) };
  it.each([
    ['malformed JSON', '{"decision":', 'malformed_json', undefined],
    ['an unknown member', { ...good, on_behalf_of: 'bob' }, 'unknown_field', 'on_behalf_of'],
    ['no decision', { ...good, decision: undefined }, 'invalid_field', 'decision'],
    ['another word', { ...good, decision: 'approved' }, 'invalid_field', 'decision'],
    ['no reason', { ...good, reason: '' }, 'invalid_field', 'reason'],
    ['2,001 characters of it', { ...good, reason: 'a'.repeat(2_001) }, 'invalid_field', 'reason'],
    ['no digest', { ...good, digest: undefined }, 'invalid_field', 'digest'],
    ['a digest of another form', { ...good, digest: 'ab' }, 'invalid_field', 'digest'],
    ['a reason twice', '{"reason":"a","reason":"b"}', 'duplicate_key', 'reason'],
  ] satisfies [string, Body, string, string | undefined][])('%s', async (_what, body, code, field) => {
    const path = `/v1/reviews/${randomUUID()}/decisions`;
    const answer = await appendsNothing(countersign.log, () => alice.post(path, body));
    expectProblem(answer, { status: 400, code, field });
  });

  it.each(['../requests', '%00', 'not-a-uuid', `${randomUUID()}0`])('the id %s', async (id) => {
    const answer = await alice.post(`/v1/reviews/${encodeURIComponent(id)}/decisions`, good);
    expectProblem(answer, { status: 400, code: 'invalid_field', field: 'id' });
  });
});

const deepArray = (levels: number): Json => (levels === 0 ? 1 : [deepArray(levels - 1)]);

describe('a request is taken down whole at the edge of what is allowed', () => {
  it.each<[string, JsonObject]>([
    ['2,000 characters of justification', { justification: '𝒥'.repeat(2_000) }],
    ['nesting of 32', { deep: deepArray(30) }],
    ['integers of 2^53-1', { n: [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER] }],
    ['47 KiB of canonical form', { blob: 'a'.repeat(47 * 1024) }],
    ['control, bidirectional and invisible characters', { impact: '\u202Eevil\u200B\u0007' }],
    ['keys named like parts of JavaScript', { constructor: { prototype: 1 }, toString: 'x' }],
  ])('%s', async (_what, members) => {
    const body = smallExport(members);
    const { id } = await submit(etlBot, body);
    expect((await awaitStatus(etlBot, id, 'pending')).context).toEqual(body.context);
  });

  it('properties that agree with the catalogue', async () => {
    const resource = { type: 'Dataset', id: 'customers', properties: { environment: 'prod' } };
    const { id } = await submit(etlBot, { ...smallExport(), resource });
    expect((await awaitStatus(etlBot, id, 'pending')).resource).toEqual(resource);
  });
});

it('an unknown action is accepted, and denied by policy', async () => {
  const { id } = await submit(etlBot, { ...smallExport(), action: { name: 'data.shred' } });
  const denied = await awaitStatus(etlBot, id, 'denied');
  expect(denied.review?.code).toBe('no_matching_permit');
  expect(countersign.log.types(`review-${id}`)).toEqual(['PolicyEvaluated', 'ReviewDenied']);
  const dave = await countersign.api(DAVE);
  expect((await read(dave, id)).status).toBe('denied');
});

it('and the log holds what it must', () => assertInvariants(countersign, { maxOverdueMs: 3_000 }));

import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Body, HeaderValues } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { ALICE, awaitStatus, DAVE, ETL_BOT, read, smallExport, submit } from './harness/life-cycle.ts';
import { MAIN } from './main-under-test.ts';

let countersign: Countersign;
let etlBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start({ main: MAIN });
  [etlBot, alice] = await Promise.all([countersign.api(ETL_BOT), countersign.api(ALICE)]);
});
afterAll(() => countersign.dispose());

/** A request whose context holds this piece of JSON text, as it is. */
const withContext = (json: string): string =>
  `{"action":{"name":"data.export"},"resource":{"type":"Dataset","id":"customers"},"context":{"justification":"x",${json}}}`;
const nested = (levels: number): string => `"deep":${'['.repeat(levels)}1${']'.repeat(levels)}`;
const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'latin1'));
const without = (part: string): object => ({ ...smallExport(), [part]: undefined });
const context = (members: object): object => ({
  ...smallExport(),
  context: { justification: 'Why not', ...members },
});

type Refused = [what: string, body: Body | undefined, status: number, code: string, field?: string];

const MALFORMED: Refused[] = [
  ['no body', undefined, 400, 'invalid_field', 'body'],
  ['an empty body', '', 400, 'invalid_field', 'body'],
  ['half a body', '{"action":', 400, 'malformed_json'],
  ['two bodies', '{}{}', 400, 'malformed_json'],
  ['a trailing comma', withContext('"a":1,'), 400, 'malformed_json'],
  ['a comment', withContext('"a":1/**/'), 400, 'malformed_json'],
  ['single quotes', "{'action':1}", 400, 'malformed_json'],
  ['NaN', withContext('"n":NaN'), 400, 'malformed_json'],
  ['a byte order mark', `\uFEFF${JSON.stringify(smallExport())}`, 400, 'malformed_json'],
  ['bytes that are no UTF-8', bytes(withContext('"a":"\xff\xfe"')), 400, 'malformed_json'],
  ['an overlong encoding', bytes(withContext('"a":"\xc0\xaf"')), 400, 'malformed_json'],
  ['a raw control character in a string', withContext('"a":"\u0001"'), 400, 'malformed_json'],
];

const NOT_CANONICAL: Refused[] = [
  ['a key that stands twice', withContext('"rows":1,"rows":2'), 400, 'duplicate_key', 'context.rows'],
  ['the same key, escaped', withContext('"rows":1,"r\\u006fws":2'), 400, 'duplicate_key', 'context.rows'],
  ['a key twice far down', withContext('"a":[{"b":1,"b":1}]'), 400, 'duplicate_key', 'context.a.0.b'],
  ['an integer beyond 2^53-1', withContext('"n":9007199254740992'), 400, 'unsafe_integer', 'context.n'],
  ['an integer below -(2^53-1)', withContext('"n":-9007199254740992'), 400, 'unsafe_integer', 'context.n'],
  ['a number beyond all doubles', withContext('"n":1e400'), 400, 'non_finite_number', 'context.n'],
  ['half a surrogate pair', withContext('"a":"\\ud800"'), 400, 'lone_surrogate', 'context.a'],
  ['half a pair in a key', withContext('"a\\udc00":1'), 400, 'lone_surrogate', 'context.a\uFFFD'],
  ['the key __proto__', withContext('"__proto__":{}'), 400, 'forbidden_key', 'context.__proto__'],
  ['the key __entity', withContext('"a":{"__entity":1}'), 400, 'forbidden_key', 'context.a.__entity'],
  ['the key __extn', withContext('"__extn":1'), 400, 'forbidden_key', 'context.__extn'],
  ['the key __expr, escaped', withContext('"_\\u005fexpr":1'), 400, 'forbidden_key', 'context.__expr'],
  ['nesting of 33', withContext(nested(31)), 400, 'nesting_too_deep', `context.deep${'.0'.repeat(30)}`],
  ['nesting without end', withContext(nested(20_000)), 400, 'nesting_too_deep'],
];

const TOO_LARGE: Refused[] = [
  ['49 KiB of canonical form', context({ blob: 'a'.repeat(49 * 1024) }), 413, 'too_large'],
  ['a body over 64 KiB', context({ blob: 'a'.repeat(65 * 1024) }), 413, 'too_large'],
  ['a body of 64 KiB of white space', `${' '.repeat(65_536)}${withContext('"a":1')}`, 413, 'too_large'],
];

const MISSHAPEN: Refused[] = [
  ['an array', [], 400, 'invalid_field', 'body'],
  ['null', 'null', 400, 'invalid_field', 'body'],
  ['a string', '"export"', 400, 'invalid_field', 'body'],
  ['no action', without('action'), 400, 'invalid_field', 'action'],
  ['no resource', without('resource'), 400, 'invalid_field', 'resource'],
  ['no context', without('context'), 400, 'invalid_field', 'context'],
  ['an unknown member', { ...smallExport(), priority: 'high' }, 400, 'unknown_field', 'priority'],
  [
    'a subject of its own',
    { ...smallExport(), subject: { type: 'User', id: 'alice' } },
    400,
    'unknown_field',
    'subject',
  ],
  [
    'an unknown member of the action',
    { ...smallExport(), action: { name: 'x', as: 'y' } },
    400,
    'unknown_field',
    'action.as',
  ],
  [
    'an unknown member of the resource',
    { ...smallExport(), resource: { type: 'Dataset', id: 'c', owner: 'etl-bot' } },
    400,
    'unknown_field',
    'resource.owner',
  ],
  [
    'an action without a name',
    { ...smallExport(), action: { name: '' } },
    400,
    'invalid_field',
    'action.name',
  ],
  [
    'properties that are none',
    { ...smallExport(), resource: { type: 'D', id: 'c', properties: [] } },
    400,
    'invalid_field',
    'resource.properties',
  ],
];

const CONTEXTS: Refused[] = [
  [
    'no justification',
    { ...smallExport(), context: { rows: 1 } },
    400,
    'invalid_field',
    'context.justification',
  ],
  ['an empty justification', context({ justification: '' }), 400, 'invalid_field', 'context.justification'],
  [
    '2,001 characters of it',
    context({ justification: '𝒥'.repeat(2_001) }),
    400,
    'invalid_field',
    'context.justification',
  ],
  ['a destination of a wrong type', context({ destination: 1 }), 400, 'invalid_field', 'context.destination'],
  ['an impact of a wrong type', context({ impact: null }), 400, 'invalid_field', 'context.impact'],
  ['a command as one string', context({ command: 'rm -rf /' }), 400, 'invalid_field', 'context.command'],
  ['an empty command', context({ command: [] }), 400, 'invalid_field', 'context.command'],
  [
    'an executor without an id',
    context({ executor: { type: 'Service' } }),
    400,
    'invalid_field',
    'context.executor.id',
  ],
  [
    'an executor with more',
    context({ executor: { type: 'Service', id: 'x', as: 'y' } }),
    400,
    'unknown_field',
    'context.executor.as',
  ],
  ['a credential of a wrong type', context({ credential: 'pg' }), 400, 'invalid_field', 'context.credential'],
  ['labels that are no strings', context({ labels: { a: 1 } }), 400, 'invalid_field', 'context.labels'],
];

describe('a request is refused with code and field, and leaves no trace, where it is', () => {
  it.each([...MALFORMED, ...NOT_CANONICAL, ...TOO_LARGE, ...MISSHAPEN, ...CONTEXTS])(
    '%s',
    async (_what, body, status, code, field) => {
      const answer = await appendsNothing(countersign.log, () => etlBot.post('/v1/requests', body));
      if (code === 'nesting_too_deep') expect(answer.json).toMatchObject({ status, code });
      else expectProblem(answer, { status, code, field });
    },
  );

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

it('and the log holds what it must', () => assertInvariants(countersign));

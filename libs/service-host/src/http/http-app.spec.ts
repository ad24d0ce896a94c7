import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller } from '@nestjs/common';
import { queryInteger } from '@countersign/contracts';
import { CodedError } from '@countersign/kernel';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AuthenticationError } from '../authentication/authentication-error.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { Caller } from '../authentication/caller.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { createTelemetry } from '../telemetry/create-telemetry.ts';
import { SILENT_LOGGER, type LogFields } from '../telemetry/logger.ts';
import { ApiRoute } from './api-route.ts';
import { createHttpApp, type HttpApp } from './create-http-app.ts';
import { reply } from './reply.ts';
import { ApiBody, ApiParams, ApiQuery, CurrentCaller, JsonBody, RequestEnding } from './request-parts.ts';

const thing = z.strictObject({ name: z.string().min(1), labels: z.record(z.string(), z.json()).optional() });
const idParams = z.strictObject({ id: z.uuid() });
const waitQuery = z.strictObject({ wait: queryInteger(0, 60).optional() });
const ID = '7f9c24e8-3b12-4fef-91e0-2c5a8b1d6e77';
const SECRET = 'the password is hush';

let polling = Promise.withResolvers<AbortSignal>();

/** Seconds that a refusal itself names. */
const COMES_BACK: Readonly<Record<string, number>> = { overloaded: 3, too_many_requests: 7 };

@Controller()
class ThingsController {
  @ApiRoute({
    method: 'POST',
    path: '/v1/things',
    summary: 'Make a thing',
    tags: ['things'],
    body: thing,
    responses: { 202: { description: 'Taken', schema: thing }, 200: { description: 'Again', schema: thing } },
    errors: ['property_conflict', 'too_many_requests'],
  })
  make(@ApiBody() body: z.infer<typeof thing>, @CurrentCaller() caller: Caller): unknown {
    if (body.name === 'taken') return reply(202, body, { 'x-caller': caller.principal.ref.id });
    return body.name === 'undeclared' ? reply(418, body) : body;
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/things/:id',
    summary: 'See a thing',
    tags: ['things'],
    params: idParams,
    query: waitQuery,
    responses: { 200: { description: 'The thing', schema: z.strictObject({ id: z.string() }) } },
    errors: ['not_found'],
  })
  see(@ApiParams() { id }: z.infer<typeof idParams>, @ApiQuery() query: z.infer<typeof waitQuery>): unknown {
    return { id, ...query };
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/failures',
    summary: 'Fail',
    tags: ['things'],
    body: z.strictObject({ code: z.string() }),
    responses: { 200: { description: 'Never' } },
  })
  fail(@JsonBody() body: { code: string }): never {
    if (body.code === 'plain') throw new Error(SECRET);
    throw new CodedError(body.code, 'Because.', { field: 'code', retryAfterS: COMES_BACK[body.code] });
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/poll',
    summary: 'Wait',
    tags: ['things'],
    responses: { 200: { description: 'Ended' } },
  })
  async poll(@RequestEnding() ending: AbortSignal): Promise<unknown> {
    polling.resolve(ending);
    if (!ending.aborted) await once(ending, 'abort');
    return { ended: true };
  }
}
class ThingsModule {}

const caller: Caller = {
  principal: { kind: 'person', ref: { type: 'User', id: 'alice' }, verified: true },
  via: { channel: 'api' },
  token: 'good',
};
const authenticator: Authenticator = {
  authenticate: async (token) => {
    if (token !== 'good') throw new AuthenticationError('token_invalid');
    return caller;
  },
};

const logged: { message: string; fields: LogFields | undefined }[] = [];
const log = {
  ...SILENT_LOGGER,
  error: (message: string, fields?: LogFields) => void logged.push({ message, fields }),
};

let lifecycle: Lifecycle;
let http: HttpApp;
let address: string;

const appOf = async (ofProcess: Lifecycle): Promise<HttpApp> =>
  createHttpApp({
    modules: [{ module: ThingsModule, controllers: [ThingsController] }],
    authenticator,
    lifecycle: ofProcess,
    telemetry: await createTelemetry({ processName: 'test', otlpEndpoint: undefined }),
    log,
    maxConnections: 64,
    version: '1.0.0',
  });

const open = async (): Promise<void> => {
  lifecycle = new Lifecycle(SILENT_LOGGER);
  http = await appOf(lifecycle);
  await lifecycle.start();
  address = await http.listen('127.0.0.1', 0);
};

const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
  const response = await fetch(address + path, {
    method,
    headers: {
      authorization: 'Bearer good',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
};

/** What a plain connection answers to these bytes, until it is closed. */
const exchange = async (bytes: string): Promise<string> => {
  const { port } = new URL(address);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
};

beforeAll(open);
afterAll(async () => http.close());
beforeEach(() => void logged.splice(0));

describe('a route', () => {
  it('answers its lowest status for a plain value', async () => {
    expect(await call('POST', '/v1/things', '{"name":"x"}')).toMatchObject({
      status: 200,
      json: { name: 'x' },
    });
  });

  it('answers the status and headers of a reply', async () => {
    const answer = await call('POST', '/v1/things', '{"name":"taken"}');
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-caller')).toBe('alice');
  });

  it('may not answer a status it does not declare', async () => {
    expect(await call('POST', '/v1/things', '{"name":"undeclared"}')).toMatchObject({ status: 500 });
  });

  it('is kept by nobody between us', async () => {
    expect((await call('GET', `/v1/things/${ID}`)).headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['an unknown member', 'POST', '/v1/things', '{"name":"x","extra":1}', 400, 'unknown_field', 'extra'],
    ['a missing member', 'POST', '/v1/things', '{}', 400, 'invalid_field', 'name'],
    ['a wrong type', 'POST', '/v1/things', '{"name":7}', 400, 'invalid_field', 'name'],
    ['a body that is no JSON', 'POST', '/v1/things', '{"name":', 400, 'malformed_json', undefined],
    ['a duplicate key', 'POST', '/v1/things', '{"name":"a","name":"b"}', 400, 'duplicate_key', 'name'],
    ['no body', 'POST', '/v1/things', undefined, 400, 'invalid_field', 'name'],
    ['a bad parameter', 'GET', '/v1/things/1', undefined, 400, 'invalid_field', 'id'],
    ['a bad query', 'GET', `/v1/things/${ID}?wait=61`, undefined, 400, 'invalid_field', 'wait'],
    [
      'a query number that is none',
      'GET',
      `/v1/things/${ID}?wait=0x5`,
      undefined,
      400,
      'invalid_field',
      'wait',
    ],
    ['an empty query number', 'GET', `/v1/things/${ID}?wait=`, undefined, 400, 'invalid_field', 'wait'],
    ['an unknown query', 'GET', `/v1/things/${ID}?wiat=1`, undefined, 400, 'unknown_field', 'wiat'],
    ['a repeated query', 'GET', `/v1/things/${ID}?wait=1&wait=2`, undefined, 400, 'invalid_field', 'wait'],
    ['an unknown path', 'GET', '/v2/things', undefined, 404, 'not_found', undefined],
    ['another method', 'DELETE', '/v1/things', undefined, 405, 'method_not_allowed', undefined],
    [
      'a code of the domain',
      'POST',
      '/v1/failures',
      '{"code":"already_decided"}',
      409,
      'already_decided',
      'code',
    ],
  ] as const)('refuses %s with a problem', async (_, method, path, body, status, code, field) => {
    const answer = await call(method, path, body);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({ type: `urn:countersign:problem:${code}`, status, code });
    expect(answer.json['field']).toBe(field);
    expect(answer.status).toBe(status);
  });

  it('names the methods it is served by', async () => {
    expect((await call('DELETE', `/v1/things/${ID}`)).headers.get('allow')).toBe('GET');
  });

  it('refuses more than 64 KiB', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(65 * 1024) });
    expect(await call('POST', '/v1/things', body)).toMatchObject({
      status: 413,
      json: { code: 'too_large' },
    });
  });

  it('refuses other media types', async () => {
    const answer = await call('POST', '/v1/things', 'name=x', { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  it.each([
    ['another charset', { 'content-type': 'application/json; charset=utf-16le' }],
    ['a second charset', { 'content-type': 'application/json; charset=utf-8; charset=latin1' }],
    ['compression', { 'content-encoding': 'gzip' }],
  ])('refuses a body with %s', async (_, headers) => {
    const answer = await call('POST', '/v1/things', '{"name":"x"}', headers);
    expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  it.each(['application/json; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'takes %s',
    async (type) => {
      expect(await call('POST', '/v1/things', '{"name":"x"}', { 'content-type': type })).toMatchObject({
        status: 200,
      });
    },
  );

  it.each([
    ['nonsense', 'NONSENSE\r\n\r\n', 400, 'bad_request'],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ] as const)('answers what is no HTTP, %s, with a problem and no more', async (_, sent, status, code) => {
    const answer = await exchange(sent);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ type: `urn:countersign:problem:${code}`, status, code });
  });

  it('asks for a token, and says how', async () => {
    const none = await call('GET', `/v1/things/${ID}`, undefined, { authorization: '' });
    expect(none).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
    const bad = await call('GET', `/v1/things/${ID}`, undefined, { authorization: 'Bearer bad' });
    expect(bad).toMatchObject({ status: 401, json: { code: 'token_invalid' } });
    expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('takes no token where two are given', async () => {
    const headers = ['host', 'test', 'authorization', 'Bearer good', 'authorization', 'Bearer bad'];
    const { port } = new URL(address);
    const status = await new Promise((resolve, reject) => {
      const options = { port, path: `/v1/things/${ID}`, headers };
      request(options, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });

  it.each(['/v1/things/%zz', `/v1/things/${'a'.repeat(501)}`])(
    'refuses what has no route: %s',
    async (path) => {
      const answer = await call('GET', path);
      expect(answer).toMatchObject({ status: 400, json: { code: 'bad_request', type: expect.any(String) } });
      expect(answer.text).not.toContain('%zz');
    },
  );

  it.each([
    ['what is wrong', '{}'],
    ['what is no JSON', '{"name":'],
    ['what is too large', JSON.stringify({ name: 'x'.repeat(65 * 1024) })],
  ])('proves the caller before it looks at what was sent, or reads it: %s', async (_, body) => {
    expect(await call('POST', '/v1/things', body, { authorization: '' })).toMatchObject({ status: 401 });
  });

  it('is no way around the token by HEAD', async () => {
    const head = async (path: string, headers = {}) =>
      (await fetch(address + path, { method: 'HEAD', headers })).status;
    expect(await head(`/v1/things/${ID}`, { authorization: 'Bearer good' })).toBe(200);
    expect(await head(`/v1/things/${ID}`)).toBe(401);
    expect(await head('/health/live')).toBe(200);
  });

  it('does not wait for ever for the rest of a request', () => {
    expect(http.app.getHttpServer()).toMatchObject({ requestTimeout: 30_000 });
  });

  it('says when to come back while the store is out', async () => {
    const answer = await call('POST', '/v1/failures', '{"code":"store_full"}');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it.each([
    ['overloaded', 503, '3'],
    ['too_many_requests', 429, '7'],
    ['property_conflict', 422, null],
  ])(
    'answers %s by %i, with Retry-After %s and without a line in the log',
    async (code, status, retryAfter) => {
      logged.length = 0;
      const answer = await call('POST', '/v1/failures', JSON.stringify({ code }));
      expect(answer.status).toBe(status);
      expect(answer.headers.get('retry-after')).toBe(retryAfter);
      expect(logged).toEqual([]);
    },
  );

  it('keeps no more connections than it is told to', () => {
    expect(http.app.getHttpServer()).toMatchObject({ maxConnections: 64 });
  });

  it.each(['plain', 'a_code_without_status'])(
    'tells nothing of an error it did not foresee (%s), and logs it',
    async (code) => {
      const answer = await call('POST', '/v1/failures', JSON.stringify({ code }));
      expect(answer).toMatchObject({ status: 500, json: { code: 'internal_error' } });
      expect(answer.text).not.toContain(SECRET);
      expect(answer.text).not.toContain('Because');
      const [line] = logged;
      expect(answer.json['instance']).toBe(`urn:uuid:${String(line?.fields?.['request_id'])}`);
      expect(line?.fields?.['error']).toBeInstanceOf(Error);
    },
  );
});

describe('what operators ask', () => {
  it('is answered without a token', async () => {
    expect(await call('GET', '/health/live', undefined, { authorization: '' })).toMatchObject({
      status: 200,
    });
    expect(await call('GET', '/health/ready', undefined, { authorization: '' })).toMatchObject({
      status: 200,
      json: { status: 'ready', failed: {} },
    });
  });

  it('includes metrics for Prometheus', async () => {
    await call('GET', `/v1/things/${ID}`);
    const { text, headers } = await call('GET', '/metrics', undefined, { authorization: '' });
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/http_server_request_duration_count\{.*http_route="\/v1\/things\/:id".*\} [1-9]/);
  });

  it('includes a valid OpenAPI 3.1 description of every route', async () => {
    const { json } = await call('GET', '/openapi.json', undefined, { authorization: '' });
    expect(await new Validator().validate(json)).toMatchObject({ valid: true });
    expect(json).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/v1/things': {
          post: {
            operationId: 'postV1Things',
            responses: {
              202: {},
              400: {},
              401: {},
              422: {},
              429: { headers: { 'Retry-After': {} } },
              503: {
                description: expect.stringContaining('store_full'),
                headers: { 'Retry-After': {} },
              },
            },
          },
        },
        '/v1/things/{id}': {
          get: {
            parameters: [
              { name: 'id', in: 'path', required: true },
              { name: 'wait', required: false },
            ],
          },
        },
        '/health/ready': { get: { security: [] } },
      },
    });
  });
});

describe('a draining process', () => {
  let draining: Lifecycle;
  let served: HttpApp;
  let servedAt: string;
  let noticed: PromiseWithResolvers<void>;

  beforeEach(async () => {
    draining = new Lifecycle(SILENT_LOGGER);
    served = await appOf(draining);
    noticed = Promise.withResolvers();
    draining.add({ name: 'http', stop: async () => served.close() });
    draining.add({ name: 'notice', stop: () => noticed.promise });
    await draining.start();
    servedAt = await served.listen('127.0.0.1', 0);
    polling = Promise.withResolvers();
  });
  afterEach(async () => {
    noticed.resolve();
    await draining.stop(5_000);
  });

  const at = async (path: string) => {
    const response = await fetch(`${servedAt}${path}`, { headers: { authorization: 'Bearer good' } });
    return { status: response.status, connection: response.headers.get('connection') };
  };

  it('is unready and goes on serving until it was noticed, and ends each connection with the answer', async () => {
    const poll = at('/v1/poll');
    expect((await polling.promise).aborted).toBe(false);
    expect(await at('/health/ready')).toEqual({ status: 200, connection: 'keep-alive' });
    const stopped = draining.stop(20_000);
    expect(await at('/health/ready')).toEqual({ status: 503, connection: 'close' });
    expect(await at(`/v1/things/${ID}`)).toEqual({ status: 200, connection: 'close' });
    expect(await poll).toEqual({ status: 200, connection: 'close' });
    expect(await at('/v1/poll')).toEqual({ status: 200, connection: 'close' });
    noticed.resolve();
    expect(await stopped).toBe(true);
    await expect(at('/health/ready')).rejects.toThrow();
  });

  it('waits for no connection that nobody calls on', async () => {
    const { hostname, port } = new URL(servedAt);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const cut = once(silent, 'close');
    noticed.resolve();
    expect(await draining.stop(5_000)).toBe(true);
    await cut;
  });
});

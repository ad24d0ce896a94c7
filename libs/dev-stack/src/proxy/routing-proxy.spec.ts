import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { SERVICE_NAMES } from '@countersign/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RoutingProxy } from './routing-proxy.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => unknown)[] = [];
let proxy: RoutingProxy;
beforeEach(async () => {
  proxy = await RoutingProxy.listen(0);
});
afterEach(async () => {
  await proxy.close();
  for (const close of closing.splice(0)) await close();
});

/** A replica that is ready, and answers by the handler. */
const replica = async (handler: Handler): Promise<{ readonly address: string; readonly server: Server }> => {
  const server = createServer((incoming, response) => {
    if (incoming.url === '/health/ready') response.end();
    else handler(incoming, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

const named =
  (name: string): Handler =>
  (_, response) =>
    void response.end(name);

const bodyOf = async (incoming: IncomingMessage): Promise<string> =>
  Buffer.concat((await incoming.toArray()) as Buffer[]).toString('utf8');

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${proxy.address}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const answering = async (path: string, text: string): Promise<void> => {
  await expect.poll(async () => (await call(path)).text, { timeout: 10_000 }).toBe(text);
};

describe('the routing proxy', () => {
  it('gives each service its own prefixes', async () => {
    for (const service of SERVICE_NAMES) proxy.add(service, (await replica(named(service))).address);
    await answering('/v1/requests/1?wait=2', 'intake');
    await answering('/v1/reviews', 'policy');
    await answering('/v1/grants/redemptions', 'credentials');
    await answering('/.well-known/jwks.json', 'credentials');
    await answering('/v1/audit/events', 'audit');
    expect(await call('/v1/nothing')).toMatchObject({ status: 404 });
    await expect.poll(async () => (await call('/health/ready')).status, { timeout: 10_000 }).toBe(200);
  });

  it('says which service has no replica that is ready, and answers its calls with 503', async () => {
    const { status, headers, text } = await call('/v1/requests');
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(text)).toMatchObject({ code: 'no_replica_ready', status: 503 });
    const ready = await call('/health/ready');
    expect(ready.status).toBe(503);
    expect(Object.keys((JSON.parse(ready.text) as { failed: object }).failed)).toEqual([...SERVICE_NAMES]);
  });

  it('shares the calls among replicas, and goes on to the next where nobody listens', async () => {
    const first = await replica(named('first'));
    const second = await replica(named('second'));
    proxy.add('audit', first.address);
    proxy.add('audit', second.address);
    const both = async () => new Set([(await call('/v1/audit')).text, (await call('/v1/audit')).text]);
    await expect.poll(both, { timeout: 10_000 }).toEqual(new Set(['first', 'second']));
    first.server.close().closeAllConnections();
    for (let times = 0; times < 4; times += 1) {
      expect(await call('/v1/audit', { method: 'POST', body: 'once' })).toMatchObject({
        status: 200,
        text: 'second',
      });
    }
  });

  it('never repeats what may have reached a replica', async () => {
    let reached = 0;
    const lossy: Handler = (incoming) => {
      reached += 1;
      incoming.socket.destroy();
    };
    proxy.add('intake', (await replica(lossy)).address);
    proxy.add('intake', (await replica(lossy)).address);
    const post = () => call('/v1/requests', { method: 'POST', body: '{}' });
    await expect.poll(async () => (await post()).text, { timeout: 10_000 }).toContain('replica_lost');
    expect(reached).toBe(1);
  });

  it('hands on path, body and headers as they came, but those of one hop', async () => {
    const seen: { url?: string | undefined; headers?: IncomingMessage['headers']; body?: string } = {};
    const { address } = await replica((incoming, response) => {
      seen.url = incoming.url;
      seen.headers = incoming.headers;
      void bodyOf(incoming).then((body) => {
        seen.body = body;
        return response.writeHead(201, { 'x-own': 'kept', connection: 'close' }).end('made');
      });
    });
    proxy.add('intake', address);
    await answering('/v1/requests', 'made');
    const sent = request(`${proxy.address}/v1/requests/%zz/..%2f?a=1&a=2`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        connection: 'x-hop',
        'x-hop': '1',
        'idempotency-key': 'k',
      },
    }).end('{"a": 1,  "a": 2}');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, answer.headers['x-own']]).toEqual([201, 'kept']);
    expect(seen).toMatchObject({ url: '/v1/requests/%zz/..%2f?a=1&a=2', body: '{"a": 1,  "a": 2}' });
    expect(seen.headers).toMatchObject({ 'idempotency-key': 'k', 'content-type': 'application/json' });
    expect(seen.headers).not.toHaveProperty('x-hop');
  });

  it('hangs up on the replica when the caller does', async () => {
    const hungUp = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const { address } = await replica((incoming, response) => {
      if (incoming.method === 'GET') return void response.end('up');
      response.once('close', () => hungUp.resolve());
      return held.resolve();
    });
    proxy.add('audit', address);
    await answering('/v1/audit', 'up');
    const socket = connect(Number(new URL(proxy.address).port), '127.0.0.1');
    socket.write('POST /v1/audit HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    await held.promise;
    socket.destroy();
    await hungUp.promise;
  });

  it('refuses a body that no service takes', async () => {
    proxy.add('intake', (await replica(named('intake'))).address);
    await answering('/v1/requests', 'intake');
    const body = Buffer.alloc(5 * 1_048_576);
    expect(await call('/v1/requests', { method: 'POST', body })).toMatchObject({ status: 413 });
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { RawHttp } from './raw-http.ts';

it('reads answers with a length and in chunks, one after the other on one connection', async () => {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      if (request.url === '/chunked') {
        response.statusCode = 503;
        response.write('{"code":');
        await setImmediate();
        response.end('"überlastet"}');
      } else response.end(request.method === 'POST' ? '{"id":1}' : '');
    };
    void answer();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const http = await RawHttp.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    expect(await http.get('/chunked', 't')).toEqual({ status: 503, json: { code: 'überlastet' } });
    expect(await http.post('/', 't', {})).toEqual({ status: 200, json: { id: 1 } });
    expect(await http.get('/', 't')).toEqual({ status: 200, json: undefined });
  } finally {
    http.close();
    server.close();
  }
});

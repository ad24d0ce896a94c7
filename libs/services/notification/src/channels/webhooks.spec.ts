import { createHttpApp, Lifecycle, SILENT_LOGGER, type HttpApp } from '@countersign/service-host';
import { quietTelemetry } from '@countersign/service-testing';
import type { WebhookReply, WebhookRequest } from '@countersign/notifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS, WebhooksController, type Webhooks } from './webhooks.controller.ts';

const heard: WebhookRequest[] = [];
let answer: () => Promise<WebhookReply>;

const webhooks: Webhooks = new Map([
  ['slack', { webhook: (request: WebhookRequest) => (heard.push(request), answer()) }],
]);

class ChannelsModule {}

describe('what a chat platform sends', () => {
  let http: HttpApp;
  let address: string;
  beforeAll(async () => {
    http = await createHttpApp({
      modules: [
        {
          module: ChannelsModule,
          controllers: [WebhooksController],
          providers: [{ provide: WEBHOOKS, useValue: webhooks }],
        },
      ],
      authenticator: { authenticate: () => Promise.reject(new Error('No token is looked at here.')) },
      lifecycle: new Lifecycle(SILENT_LOGGER),
      telemetry: quietTelemetry(),
      log: SILENT_LOGGER,
      version: '0.0.0',
    });
    address = await http.listen('127.0.0.1', 0);
  });
  afterAll(() => http.close());

  const send = (path: string, body: string, type: string, headers: Record<string, string> = {}) =>
    fetch(`${address}${path}`, { method: 'POST', body, headers: { 'content-type': type, ...headers } });

  it('reaches its channel byte for byte, with all headers, and without a token', async () => {
    answer = () => Promise.resolve({ status: 200, contentType: 'application/json', body: '{"ok":true}' });
    const body = 'payload=%7B%22a%22%3A1%7D&payload=%00+twice';
    const headers = { 'x-slack-signature': 'v0=abc', 'x-slack-request-timestamp': '1' };
    const answered = await send('/v1/slack/interactions', body, 'application/x-www-form-urlencoded', headers);
    expect(answered.status).toBe(200);
    expect(answered.headers.get('content-type')).toContain('application/json');
    expect(await answered.text()).toBe('{"ok":true}');
    expect(heard.splice(0)).toEqual([
      {
        path: 'interactions',
        rawBody: Buffer.from(body),
        headers: expect.objectContaining(headers) as object,
      },
    ]);
  });

  it('is answered with the status that its channel says', async () => {
    answer = () => Promise.resolve({ status: 401 });
    const form = 'application/x-www-form-urlencoded';
    expect((await send('/v1/slack/interactions', 'x=1', form)).status).toBe(401);
  });

  it('is not received where the channel fails: the platform is told to call again', async () => {
    answer = () => Promise.reject(Object.assign(new Error('x'), { code: 'x' }));
    const form = 'application/x-www-form-urlencoded';
    expect((await send('/v1/slack/interactions', 'x=1', form)).status).toBeGreaterThanOrEqual(500);
  });

  it.each([
    ['a channel that is not configured', '/v1/teams/messages', '{}', 'application/json', 404],
    ['a path that no channel has', '/v1/slack/elsewhere', 'x=1', 'application/x-www-form-urlencoded', 400],
    ['another form of body', '/v1/slack/interactions', '{}', 'application/json', 415],
    [
      'too large a body',
      '/v1/slack/interactions',
      'x'.repeat(262_145),
      'application/x-www-form-urlencoded',
      413,
    ],
  ])('is refused: %s', async (_, path, body, type, status) => {
    heard.splice(0);
    expect((await send(path, body, type)).status).toBe(status);
    expect(heard).toEqual([]);
  });
});

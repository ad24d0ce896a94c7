import { connect, headers, type NatsConnection, type Status } from '@nats-io/transport-node';
import { natsPermissions, REQUESTS_JETSTREAM } from '@countersign/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureConsumer } from './request-queue/queue-resources.ts';
import { RealNats } from './testing/real-nats.ts';

const INTERNAL = [
  'countersign.internal.doorbell.review',
  'countersign.internal.call.policy.record-decision',
  'countersign.internal.call.credentials.revoke-grant',
  'countersign.v1.accepted.QQ',
  'countersign.v1.rejected.QQ',
  'countersign.v1.receipts.QQ.r1',
  'countersign.v1.anything',
  '_INBOX_internal.x.y',
  '_INBOX_requester.x',
  '_INBOX.x',
  '$JS.API.INFO',
  `$JS.API.STREAM.DELETE.${REQUESTS_JETSTREAM}`,
  `$JS.API.STREAM.PURGE.${REQUESTS_JETSTREAM}`,
  `$JS.API.CONSUMER.MSG.NEXT.${REQUESTS_JETSTREAM}.intake`,
  `$JS.ACK.${REQUESTS_JETSTREAM}.intake.1.1.1.1.1`,
  '$SYS.REQ.SERVER.PING',
];
const HIDDEN = [
  ...INTERNAL.filter((natsSubject) => !/accepted|rejected|receipts|_INBOX_requester/.test(natsSubject)),
  'countersign.>',
  'countersign.v1.>',
  'countersign.v1.*.*',
  'countersign.v1.requests.*',
  '_INBOX_internal.>',
  '$JS.>',
  '$SYS.>',
  '>',
];

let nats: RealNats;
beforeEach(async () => {
  nats = await RealNats.up();
});
afterEach(() => nats.end());

/** The server's next refusal on this connection. */
const refusal = async (statuses: AsyncIterable<Status>): Promise<Error | undefined> => {
  for await (const status of statuses) if (status.type === 'error') return status.error;
  return undefined;
};

describe('a stranger on the port', () => {
  it.each([
    ['without a name', {}],
    ['with a wrong password', { user: 'internal', pass: 'guess' }],
    ['as the requester with no password', { user: 'requester' }],
    ['with a token', { token: 'internal-secret' }],
  ])('is refused %s', async (_, login) => {
    await expect(connect({ servers: nats.url, reconnect: false, ...login })).rejects.toThrow();
  });
});

describe('the requester user', () => {
  it.each(INTERNAL)('may not publish to %s', async (natsSubject) => {
    const [requester, witness] = [await nats.connection('requester'), await nats.connection('internal')];
    const refused = refusal(requester.status());
    requester.publish(natsSubject, '{}');
    expect((await refused)?.message).toMatch(/permissions violation/i);
    await witness.flush();
  });

  it.each(HIDDEN)('may not hear %s', async (natsSubject) => {
    const requester = await nats.connection('requester');
    const refused = refusal(requester.status());
    requester.subscribe(natsSubject, { callback: () => undefined });
    expect((await refused)?.message).toMatch(/permissions violation/i);
  });

  it('may publish requests, and hears what is told to requesters', async () => {
    const [requester, internal] = [await nats.connection('requester'), await nats.connection('internal')];
    const heard: string[] = [];
    for (const natsSubject of natsPermissions.requester.subscribe) {
      requester.subscribe(natsSubject, { callback: (_, message) => void heard.push(message.subject) });
    }
    await requester.flush();
    const request = Promise.withResolvers<string>();
    internal.subscribe('countersign.v1.requests.*', {
      callback: (_, { subject }) => request.resolve(subject),
    });
    await internal.flush();
    requester.publish('countersign.v1.requests.QQ', '{}');
    await expect(request.promise).resolves.toBe('countersign.v1.requests.QQ');
    internal.publish('countersign.v1.accepted.QQ', '{}');
    internal.publish('countersign.v1.rejected.QQ', '{}');
    internal.publish('countersign.v1.receipts.QQ.r1', '{}');
    await internal.flush();
    await requester.flush();
    expect(heard).toEqual([
      'countersign.v1.accepted.QQ',
      'countersign.v1.rejected.QQ',
      'countersign.v1.receipts.QQ.r1',
    ]);
  });

  describe('naming an internal subject as the reply of a request', () => {
    const waiting = async (internal: NatsConnection): Promise<number> => {
      const answer = await internal.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`);
      return answer.json<{ state: { messages: number } }>().state.messages;
    };

    it.each([
      'countersign.internal.doorbell.review',
      'countersign.internal.call.policy.record-decision',
      '_INBOX_internal.forged',
      `$JS.API.STREAM.PURGE.${REQUESTS_JETSTREAM}`,
      `$JS.API.STREAM.DELETE.${REQUESTS_JETSTREAM}`,
    ])('has the server send nothing to %s', async (reply) => {
      const [requester, internal] = [await nats.connection('requester'), await nats.connection('internal')];
      await ensureConsumer(internal, 1);
      const heard: string[] = [];
      if (!reply.startsWith('$'))
        internal.subscribe(reply, { callback: (_, { subject }) => void heard.push(subject) });
      await internal.flush();
      for (let count = 1; count <= 3; count += 1) {
        requester.publish('countersign.v1.requests.QQ', '{}', { reply });
      }
      await requester.flush();
      await internal.flush();
      expect(heard).toEqual([]);
      await expect(waiting(internal)).resolves.toBe(3);
    });
  });

  it("can't sweep away what waits with a rollup header", async () => {
    const [requester, internal] = [await nats.connection('requester'), await nats.connection('internal')];
    await ensureConsumer(internal, 1);
    const carrier = headers();
    carrier.set('Nats-Rollup', 'all');
    requester.publish('countersign.v1.requests.QQ', '{}');
    requester.publish('countersign.v1.requests.Qg', '{}', { headers: carrier });
    await requester.flush();
    const answer = await internal.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`);
    expect(answer.json<{ state: { messages: number } }>().state.messages).toBe(1);
  });
});

import type { RequestVerdict, SubmittedRequest } from '@countersign/bus';
import { REQUESTS_JETSTREAM } from '@countersign/contracts';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NatsBus } from '../nats-bus.ts';
import { RealNats, connected, silentLog } from '../testing/real-nats.ts';
import { RequestIntakeQueue } from './request-intake-queue.ts';

type Handler = (request: SubmittedRequest) => Promise<RequestVerdict>;

let nats: RealNats;
let stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  nats = await RealNats.up();
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await nats.end();
});

const consume = (bus: NatsBus, handler: Handler) => {
  const stop = new RequestIntakeQueue({ link: bus.link, log: silentLog }).consume(handler);
  stops.push(stop);
  return stop;
};

/** Requests that wait in the queue; undefined where there is no queue. */
const waiting = async (connection: NatsConnection): Promise<number | undefined> => {
  const answer = await connection.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`);
  return answer.json<{ state?: { messages: number } }>().state?.messages;
};
const opened = (connection: NatsConnection) =>
  vi.waitFor(async () => expect(await waiting(connection)).toBeDefined(), 10_000);

describe('the queue of requests', () => {
  it('hands over subject, token, headers and bytes, and forgets what is settled', async () => {
    const bus = await nats.connectedBus();
    const got = Promise.withResolvers<SubmittedRequest>();
    consume(bus, (request) => (got.resolve(request), Promise.resolve('ack')));
    const internal = await nats.connection('internal');
    await opened(internal);
    const carrier = headers();
    carrier.set('Authorization', 'Bearer a.b.c');
    carrier.set('ce-id', '42');
    const requester = await nats.connection('requester');
    requester.publish('countersign.v1.requests.QQ', '{"a":1}', { headers: carrier });
    const { data, ...request } = await got.promise;
    expect(Buffer.from(data).toString()).toBe('{"a":1}');
    expect(request).toEqual({
      natsSubject: 'countersign.v1.requests.QQ',
      requesterToken: 'QQ',
      headers: { authorization: ['Bearer a.b.c'], 'ce-id': ['42'] },
      bearerToken: 'a.b.c',
      delivery: 1,
    });
    await vi.waitFor(async () => expect(await waiting(internal)).toBe(0));
  });

  it('takes no token where two are given', async () => {
    const got = Promise.withResolvers<SubmittedRequest>();
    consume(await nats.connectedBus(), (request) => (got.resolve(request), Promise.resolve('ack')));
    await opened(await nats.connection('internal'));
    const carrier = headers();
    carrier.append('Authorization', 'Bearer a.b.c');
    carrier.append('authorization', 'Bearer d.e.f');
    (await nats.connection('requester')).publish('countersign.v1.requests.QQ', '{}', { headers: carrier });
    expect((await got.promise).bearerToken).toBeUndefined();
  });

  it('delivers again until it is settled, whether the handler asks for it or fails', async () => {
    const deliveries: number[] = [];
    const done = Promise.withResolvers<void>();
    consume(await nats.connectedBus(), ({ delivery }) => {
      deliveries.push(delivery);
      if (delivery === 1) return Promise.resolve('retry');
      if (delivery === 2) return Promise.reject(new Error('store down'));
      done.resolve();
      return Promise.resolve('ack');
    });
    const internal = await nats.connection('internal');
    await opened(internal);
    (await nats.connection('requester')).publish('countersign.v1.requests.QQ', '{}');
    await done.promise;
    expect(deliveries).toEqual([1, 2, 3]);
    await vi.waitFor(async () => expect(await waiting(internal)).toBe(0));
  });

  it('gives each request to one replica', async () => {
    const handled: string[] = [];
    const handler: Handler = ({ data }) => (
      handled.push(Buffer.from(data).toString()),
      Promise.resolve('ack')
    );
    consume(await nats.connectedBus(), handler);
    consume(await nats.connectedBus(), handler);
    await opened(await nats.connection('internal'));
    const requester = await nats.connection('requester');
    const sent = Array.from({ length: 100 }, (_, index) => `r${index}`);
    for (const name of sent) requester.publish('countersign.v1.requests.QQ', name);
    await vi.waitFor(() => expect(handled).toHaveLength(100), 5_000);
    expect(new Set(handled)).toEqual(new Set(sent));
  });

  it('gives what a dead replica held to another, and leaves to a slow one what that holds', async () => {
    const gate = Promise.withResolvers<RequestVerdict>();
    const handled: string[] = [];
    const handlerOf =
      (replica: string, verdictOn: (name: string) => RequestVerdict | 'hold'): Handler =>
      ({ data }) => {
        const name = Buffer.from(data).toString();
        handled.push(`${replica} ${name}`);
        const verdict = verdictOn(name);
        return verdict === 'hold' ? gate.promise : Promise.resolve(verdict);
      };
    let isDead = false;
    const slow = handlerOf('slow', (name) => (name === 'long' ? 'hold' : isDead ? 'ack' : 'retry'));
    consume(await nats.connectedBus(), slow);
    await opened(await nats.connection('internal'));
    const requester = await nats.connection('requester');
    requester.publish('countersign.v1.requests.QQ', 'long');
    await vi.waitFor(() => expect(handled).toEqual(['slow long']), 10_000);
    const dying = await nats.connectedBus();
    consume(
      dying,
      handlerOf('dying', () => 'hold'),
    );
    requester.publish('countersign.v1.requests.QQ', 'short');
    await vi.waitFor(() => expect(handled.at(-1)).toBe('dying short'), 10_000);
    isDead = true;
    await dying.close(0);
    await vi.waitFor(() => expect(handled.at(-1)).toBe('slow short'), 10_000);
    expect(handled.filter((each) => each.endsWith('long'))).toEqual(['slow long']);
    gate.resolve('ack');
  });

  it('keeps what was published while nobody consumed', async () => {
    const stop = consume(await nats.connectedBus(), () => Promise.resolve('ack'));
    await opened(await nats.connection('internal'));
    await stop();
    (await nats.connection('requester')).publish('countersign.v1.requests.QQ', 'kept');
    const got = Promise.withResolvers<SubmittedRequest>();
    consume(await nats.connectedBus(), (request) => (got.resolve(request), Promise.resolve('ack')));
    expect(Buffer.from((await got.promise).data).toString()).toBe('kept');
  });

  it.each(['restarts', 'comes back empty', 'was down at start'])(
    'goes on where the server %s',
    async (fate) => {
      if (fate === 'was down at start') await nats.stop();
      const bus = nats.bus();
      const handled: string[] = [];
      consume(bus, ({ data }) => (handled.push(Buffer.from(data).toString()), Promise.resolve('ack')));
      if (fate !== 'was down at start') {
        await opened(await nats.connection('internal'));
        await (fate === 'restarts' ? nats.stop() : nats.lose());
      }
      await nats.start();
      await connected(bus);
      await opened(await nats.connection('internal'));
      (await nats.connection('requester')).publish('countersign.v1.requests.QQ', 'after');
      await vi.waitFor(() => expect(handled).toEqual(['after']), 8_000);
    },
  );

  it('is made again where somebody deletes it under a consumer', async () => {
    const handled: string[] = [];
    consume(await nats.connectedBus(), ({ data }) => {
      handled.push(Buffer.from(data).toString());
      return Promise.resolve('ack');
    });
    const internal = await nats.connection('internal');
    await opened(internal);
    await internal.request(`$JS.API.STREAM.DELETE.${REQUESTS_JETSTREAM}`);
    await opened(internal);
    (await nats.connection('requester')).publish('countersign.v1.requests.QQ', 'after');
    await vi.waitFor(() => expect(handled).toEqual(['after']), 8_000);
  });

  it('finishes the requests in hand before it stops', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<RequestVerdict>();
    const stop = consume(await nats.connectedBus(), () => (begun.resolve(), gate.promise));
    const internal = await nats.connection('internal');
    await opened(internal);
    (await nats.connection('requester')).publish('countersign.v1.requests.QQ', '{}');
    await begun.promise;
    const stopping = stop();
    gate.resolve('ack');
    await stopping;
    await vi.waitFor(async () => expect(await waiting(internal)).toBe(0));
  });

  it('holds so many waiting requests of one requester, and displaces none for a new one', async () => {
    const stop = consume(await nats.connectedBus(), () => Promise.resolve('ack'));
    const internal = await nats.connection('internal');
    await opened(internal);
    await stop();
    const requester = await nats.connection('requester');
    for (let count = 0; count < 1_100; count += 1) requester.publish('countersign.v1.requests.QQ', '{}');
    requester.publish('countersign.v1.requests.Qg', '{}');
    await requester.flush();
    await vi.waitFor(async () => expect(await waiting(internal)).toBe(1_001));
  });
});

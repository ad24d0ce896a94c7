import type { Doorbell } from '@countersign/bus';
import { CodedError, SystemClock } from '@countersign/kernel';
import { headers } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncomingCall } from './call-server.ts';
import { RealNats, connected, silentLog } from './testing/real-nats.ts';

const CALL = 'countersign.internal.call.policy.test';
const doorbell: Doorbell = {
  category: 'review',
  stream: 'review-5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11',
  revision: 1,
  type: 'ReviewOpened',
  id: '0b0e5c1c-54a5-4b43-8d0b-7d0a1b1f3c55',
};

let nats: RealNats;
beforeEach(async () => {
  nats = await RealNats.up();
});
afterEach(() => nats.end());

describe('a call over NATS', () => {
  it('reaches the service and brings its answer back', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    service.serve(CALL, 'policy', ({ message }) => Promise.resolve({ heard: message }));
    await connected(service);
    await expect(client.request(CALL, { a: 1 }, { deadlineMs: 2_000 })).resolves.toEqual({ heard: { a: 1 } });
    expect(client.stats.published.request).toBe(1);
    expect(service.stats).toMatchObject({ received: { call: 1 }, published: { reply: 1 } });
  });

  it('is answered by one of the replicas', async () => {
    const client = await nats.connectedBus();
    const replicas = [await nats.connectedBus(), await nats.connectedBus()];
    for (const replica of replicas) replica.serve(CALL, 'policy', () => Promise.resolve(null));
    await Promise.all(replicas.map(connected));
    await Promise.all(Array.from({ length: 10 }, () => client.request(CALL, null, { deadlineMs: 2_000 })));
    expect(replicas.reduce((sum, { stats }) => sum + stats.received.call, 0)).toBe(10);
  });

  it("brings the service's refusal with code and field", async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    service.serve(CALL, 'policy', () =>
      Promise.reject(
        new CodedError('self_approval', 'Nobody approves their own request.', { field: 'approver' }),
      ),
    );
    await connected(service);
    const answer = client.request(CALL, null, { deadlineMs: 2_000 });
    await expect(answer).rejects.toMatchObject({
      code: 'self_approval',
      field: 'approver',
      message: 'Nobody approves their own request.',
    });
    await expect(answer).rejects.toBeInstanceOf(CodedError);
  });

  it('tells nothing of an unexpected error but that there was one, and logs it', async () => {
    const error = vi.fn<() => void>();
    const [client, service] = [
      await nats.connectedBus(),
      await nats.connectedBus({ log: { ...silentLog, error } }),
    ];
    service.serve(CALL, 'policy', () => Promise.reject(new Error('password=hunter2')));
    await connected(service);
    const answer = await client.request(CALL, null, { deadlineMs: 2_000 }).catch((reason: unknown) => reason);
    expect(answer).toMatchObject({ code: 'internal_error' });
    expect(String(answer)).not.toContain('hunter2');
    expect(error).toHaveBeenCalledOnce();
  });

  it('ends at its deadline', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    const gate = Promise.withResolvers<null>();
    service.serve(CALL, 'policy', () => gate.promise);
    await connected(service);
    await expect(client.request(CALL, null, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    gate.resolve(null);
  });

  it('ends when its caller gives it up', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<null>();
    service.serve(CALL, 'policy', () => (begun.resolve(), gate.promise));
    await connected(service);
    const abort = new AbortController();
    const answer = client.request(CALL, null, { deadlineMs: 10_000, signal: abort.signal });
    await begun.promise;
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 'deadline_exceeded' });
    gate.resolve(null);
  });

  it('is not begun after its deadline', async () => {
    const later = new SystemClock(() => Date.now() + 3_600_000);
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus({ clock: later })];
    const handled: IncomingCall[] = [];
    service.serve(CALL, 'policy', (call) => (handled.push(call), Promise.resolve(null)));
    await connected(service);
    await expect(client.request(CALL, null, { deadlineMs: 2_000 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(handled).toEqual([]);
    expect(service.stats.dropped.expiredCall).toBe(1);
  });

  it('is refused at once where nobody serves', async () => {
    const client = await nats.connectedBus();
    await expect(client.request(CALL, null, { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'bus_unavailable',
    });
  });

  it('is refused before it is sent where it is too large', async () => {
    const client = await nats.connectedBus();
    await expect(client.request(CALL, 'x'.repeat(65_536), { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'malformed_message',
    });
    expect(client.stats.published.request).toBe(0);
  });

  it.each([
    ['no deadline', '{}', undefined, 'malformed_message'],
    ['a deadline that is no time', '{}', 'soon', 'malformed_message'],
    ['a body that is no JSON', '{', '2999-01-01T00:00:00.000Z', 'malformed_json'],
    ['a duplicate key', '{"a":1,"a":2}', '2999-01-01T00:00:00.000Z', 'duplicate_key'],
  ])('is refused with %s', async (_, body, deadline, code) => {
    const service = await nats.connectedBus();
    const handled: IncomingCall[] = [];
    service.serve(CALL, 'policy', (call) => (handled.push(call), Promise.resolve(null)));
    await connected(service);
    const raw = await nats.connection('internal');
    const carrier = headers();
    if (deadline !== undefined) carrier.set('Countersign-Deadline', deadline);
    const answer = await raw.request(CALL, body, { timeout: 2_000, headers: carrier });
    expect(answer.json()).toMatchObject({ error: { code } });
    expect(handled).toEqual([]);
    expect(service.stats.dropped.malformedCall).toBe(1);
  });
});

describe('a bus whose server goes away', () => {
  it('does not stop a process that starts first, and serves when the server comes', async () => {
    await nats.stop();
    const [client, service] = [nats.bus(), nats.bus()];
    service.serve(CALL, 'policy', () => Promise.resolve('here'));
    expect(client.connected).toBe(false);
    await expect(client.request(CALL, null, { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'bus_unavailable',
    });
    client.ring(doorbell);
    expect(client.stats).toMatchObject({ dropped: { whileDown: 1 }, published: { doorbell: 0 } });
    await nats.start();
    await Promise.all([connected(client), connected(service)]);
    await expect(client.request(CALL, null, { deadlineMs: 2_000 })).resolves.toBe('here');
  });

  it('ends the calls in flight at once, and carries new ones and doorbells when it is back', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<string>();
    service.serve(CALL, 'policy', () => (begun.resolve(), gate.promise));
    const heard = Promise.withResolvers<Doorbell>();
    service.hear({ category: 'review', queue: 'policy' }, (ring) => heard.resolve(ring));
    await connected(service);
    const answer = client.request(CALL, null, { deadlineMs: 60_000 }).catch((reason: unknown) => reason);
    await begun.promise;
    await nats.stop();
    expect(await answer).toMatchObject({ code: 'bus_unavailable' });
    await vi.waitFor(() => expect([client.connected, service.connected]).toEqual([false, false]), {
      timeout: 10_000,
    });
    gate.resolve('again');
    await nats.start();
    await Promise.all([connected(client), connected(service)]);
    await expect(client.request(CALL, null, { deadlineMs: 2_000 })).resolves.toBe('again');
    client.ring(doorbell);
    await expect(heard.promise).resolves.toEqual(doorbell);
  });

  it('closes while the server is away', async () => {
    const bus = await nats.connectedBus();
    bus.hear({ category: 'review' }, () => undefined);
    await nats.stop();
    await expect(bus.close(100)).resolves.toBeUndefined();
  });
});

describe('a doorbell', () => {
  it('is heard by every hearer, and by one of each queue', async () => {
    const ringer = await nats.connectedBus();
    const rings: string[] = [];
    const hearers = await Promise.all(['a', 'b', 'c', 'd'].map(() => nats.connectedBus()));
    hearers.forEach((hearer, index) => {
      const queue = index < 2 ? { queue: 'q' } : {};
      hearer.hear({ category: 'review', ...queue }, () => void rings.push(index < 2 ? 'queue' : 'each'));
    });
    await Promise.all(hearers.map(connected));
    ringer.ring(doorbell);
    await vi.waitFor(() => expect(rings.toSorted()).toEqual(['each', 'each', 'queue']), { timeout: 10_000 });
    expect(ringer.stats.published.doorbell).toBe(1);
  });

  it('is heard no more after its hearing is stopped', async () => {
    const bus = await nats.connectedBus();
    const rings: string[] = [];
    const stop = bus.hear({ category: 'review' }, () => void rings.push('stopped'));
    bus.hear({ category: 'review' }, () => void rings.push('kept'));
    await stop();
    bus.ring(doorbell);
    await vi.waitFor(() => expect(rings).toEqual(['kept']), { timeout: 10_000 });
  });

  it('whose handling fails is logged, and the next is heard', async () => {
    const error = vi.fn<() => void>();
    const bus = await nats.connectedBus({ log: { ...silentLog, error } });
    bus.hear({ category: 'review' }, () => Promise.reject(new Error('no')));
    await connected(bus);
    bus.ring(doorbell);
    bus.ring(doorbell);
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(2), { timeout: 10_000 });
  });

  it.each([
    ['no JSON', '{'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff)],
    ['another category', JSON.stringify({ ...doorbell, category: 'grant' })],
    ['a stream of another category', JSON.stringify({ ...doorbell, stream: 'grant-1' })],
    ['a member too many', JSON.stringify({ ...doorbell, approved: true })],
    ['a member too few', JSON.stringify({ ...doorbell, id: undefined })],
    ['a negative revision', JSON.stringify({ ...doorbell, revision: -1 })],
    ['a revision that is no integer', JSON.stringify({ ...doorbell, revision: '1' })],
    ['control characters', JSON.stringify({ ...doorbell, stream: 'review-\n1' })],
    ['too many bytes', JSON.stringify({ ...doorbell, type: 'x'.repeat(3_000) })],
    ["JetStream's receipt", JSON.stringify({ stream: 'COUNTERSIGN_REQUESTS', seq: 1 })],
  ])('that is forged with %s is dropped and counted', async (_, forged) => {
    const bus = await nats.connectedBus();
    const heard: Doorbell[] = [];
    bus.hear({ category: 'review' }, (ring) => void heard.push(ring));
    await connected(bus);
    const raw = await nats.connection('internal');
    raw.publish('countersign.internal.doorbell.review', forged);
    raw.publish('countersign.internal.doorbell.review', JSON.stringify(doorbell));
    await vi.waitFor(() => expect(heard).toEqual([doorbell]), { timeout: 10_000 });
    expect(bus.stats.dropped.malformedDoorbell).toBe(1);
  });
});

describe('an announcement', () => {
  it('reaches the requester, and is dropped and counted while the bus is down', async () => {
    const bus = await nats.connectedBus();
    const requester = await nats.connection('requester');
    const heard = Promise.withResolvers<unknown>();
    requester.subscribe('countersign.v1.receipts.QQ.*', {
      callback: (_, message) => heard.resolve(message.json()),
    });
    await requester.flush();
    bus.announce('countersign.v1.receipts.QQ.r1', { status: 'approved' });
    await expect(heard.promise).resolves.toEqual({ status: 'approved' });
    await nats.stop();
    await vi.waitFor(() => expect(bus.connected).toBe(false), { timeout: 10_000 });
    bus.announce('countersign.v1.receipts.QQ.r1', { status: 'redeemed' });
    expect(bus.stats).toMatchObject({ published: { announcement: 1 }, dropped: { whileDown: 1 } });
  });
});

describe('closing', () => {
  it('takes nothing new, finishes the calls in hand, and sends their answers', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<string>();
    service.serve(CALL, 'policy', () => (begun.resolve(), gate.promise));
    await connected(service);
    const inHand = client.request(CALL, null, { deadlineMs: 5_000 });
    await begun.promise;
    const closing = service.close(5_000);
    await vi.waitFor(
      () =>
        expect(client.request(CALL, null, { deadlineMs: 200 })).rejects.toMatchObject({
          code: 'bus_unavailable',
        }),
      { timeout: 10_000 },
    );
    gate.resolve('done');
    await expect(inHand).resolves.toBe('done');
    await closing;
    expect(service.connected).toBe(false);
  });

  it('does not wait for a call beyond its deadline', async () => {
    const [client, service] = [await nats.connectedBus(), await nats.connectedBus()];
    const begun = Promise.withResolvers<void>();
    service.serve(CALL, 'policy', () => (begun.resolve(), new Promise(() => undefined)));
    await connected(service);
    const lost = client.request(CALL, null, { deadlineMs: 300 }).catch((reason: unknown) => reason);
    await begun.promise;
    await service.close(10);
    expect(await lost).toMatchObject({ code: 'deadline_exceeded' });
  });
});

import {
  acceptedNatsSubject,
  CALL_TRAFFIC,
  CANCEL_REVIEW,
  REAUTHORIZE,
  RECORD_DECISION,
  REQUESTS_JETSTREAM,
  REVOKE_GRANT,
} from '@countersign/contracts';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callHeaders } from './message-headers.ts';
import { ensureConsumer } from './request-queue/queue-resources.ts';
import { RequestIntakeQueue } from './request-queue/request-intake-queue.ts';
import { silentLog } from './testing/real-nats.ts';
import { ServicesNats } from './testing/services-nats.ts';

const DEADLINE = { deadlineMs: 2_000 };
/** What each user may hear of its own, to notice whatever arrives there uncalled for. */
const EARS: readonly (readonly [ServiceName | 'requests' | 'A', string, string?])[] = [
  ['intake', 'countersign.internal.doorbell.review'],
  ['intake', 'countersign.internal.doorbell.grant'],
  ['policy', 'countersign.internal.doorbell.request', 'policy-reviews'],
  ['notification', 'countersign.internal.doorbell.grant', 'notification-cards'],
  ['credentials', REVOKE_GRANT.natsSubject, 'countersign'],
  ['policy', REAUTHORIZE.natsSubject, 'countersign'],
  ['credentials', '_INBOX_credentials.>'],
  ['notification', '_INBOX_notification.>'],
  ['intake', '_INBOX_intake.>'],
  ['A', 'countersign.v1.accepted.A'],
  ['A', 'countersign.v1.receipts.A.*'],
];
const PROTECTED = [
  'countersign.internal.doorbell.review',
  'countersign.internal.doorbell.grant',
  'countersign.internal.doorbell.request',
  REVOKE_GRANT.natsSubject,
  REAUTHORIZE.natsSubject,
  '_INBOX_credentials.guessed',
  'countersign.v1.accepted.A',
  'countersign.v1.receipts.A.r1',
  `$JS.API.STREAM.PURGE.${REQUESTS_JETSTREAM}`,
  `$JS.API.STREAM.DELETE.${REQUESTS_JETSTREAM}`,
];

let nats: ServicesNats;
beforeEach(async () => {
  nats = await ServicesNats.up();
});
afterEach(() => nats.end());

/** Everything that users hear from now on. */
const listenEverywhere = async (): Promise<{ heard: string[]; settle: () => Promise<void> }> => {
  const heard: string[] = [];
  const all: NatsConnection[] = [];
  for (const [login, natsSubject, queue] of EARS) {
    const connection = await nats.connection(login);
    const callback = (_: Error | null, { subject }: Msg): void => void heard.push(`${login}: ${subject}`);
    connection.subscribe(natsSubject, { callback, ...(queue !== undefined && { queue }) });
    all.push(connection);
  }
  const settle = async (): Promise<void> => {
    for (const connection of all) await connection.flush();
  };
  await settle();
  return { heard, settle };
};

describe('the calls between services', () => {
  it.each([
    ['intake', 'policy', CANCEL_REVIEW],
    ['credentials', 'policy', REAUTHORIZE],
    ['notification', 'policy', RECORD_DECISION],
    ['intake', 'credentials', REVOKE_GRANT],
  ] as const)('%s asks %s and is answered', async (caller, service, { natsSubject }) => {
    const [asking, serving] = [await nats.bus(caller), await nats.bus(service)];
    serving.serve(natsSubject, 'countersign', ({ message }) => Promise.resolve({ heard: message }));
    await serving.link.connection?.flush();
    await expect(asking.request(natsSubject, { a: 1 }, DEADLINE)).resolves.toEqual({ heard: { a: 1 } });
  });

  it('go on after the server was away', async () => {
    const [asking, serving] = [await nats.bus('credentials'), await nats.bus('policy')];
    serving.serve(REAUTHORIZE.natsSubject, 'countersign', () => Promise.resolve('here'));
    await nats.stop();
    await vi.waitFor(() => expect([asking.connected, serving.connected]).toEqual([false, false]));
    await nats.start();
    await Promise.all(
      [asking, serving].map(async ({ link }) =>
        (await link.whenConnected(AbortSignal.timeout(10_000))).flush(),
      ),
    );
    await expect(asking.request(REAUTHORIZE.natsSubject, {}, DEADLINE)).resolves.toBe('here');
  });

  it('that no contract knows get no answer', async () => {
    for (const { natsSubject, callers } of CALL_TRAFFIC) {
      for (const login of SERVICE_NAMES.filter((service) => !callers.includes(service))) {
        const stranger = await nats.bus(login);
        await expect(stranger.request(natsSubject, {}, { deadlineMs: 50 })).rejects.toMatchObject({
          code: expect.stringMatching(/^(bus_unavailable|deadline_exceeded)$/),
        });
      }
    }
  });
});

describe('a service that names a protected subject as its reply', () => {
  it.each(PROTECTED)('has the service it calls send nothing to %s', async (reply) => {
    const policy = await nats.bus('policy');
    const handled: unknown[] = [];
    const calls = [CANCEL_REVIEW, RECORD_DECISION];
    for (const { natsSubject } of calls) {
      policy.serve(natsSubject, 'countersign', (call) => (handled.push(call), Promise.resolve({})));
    }
    const { heard, settle } = await listenEverywhere();
    const carrier = callHeaders(Date.now() + 60_000);
    const [notification, intake] = [await nats.connection('notification'), await nats.connection('intake')];
    notification.publish(RECORD_DECISION.natsSubject, '{}', { reply, headers: carrier });
    intake.publish(CANCEL_REVIEW.natsSubject, '{}', { reply, headers: carrier });
    await Promise.all([notification.flush(), intake.flush()]);
    await vi.waitFor(() => expect(policy.stats.received.call).toBe(calls.length));
    await settle();
    expect({ heard, handled }).toEqual({ heard: [], handled: [] });
    expect(policy.stats.dropped.malformedCall).toBe(calls.length);
  });
});

describe('the queue of requests', () => {
  const requests = async (): Promise<NatsConnection> => {
    const connection = await nats.connection('requests');
    await ensureConsumer(connection, 1);
    return connection;
  };
  const waiting = async (connection: NatsConnection): Promise<number> => {
    const info = await connection.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`);
    return info.json<{ state: { messages: number } }>().state.messages;
  };

  it('is served by intake, and the requester alone is told', async () => {
    const bus = await nats.bus('requests');
    const [own, other] = [await nats.connection('A'), await nats.connection('B')];
    const told = Promise.withResolvers<unknown>();
    const overheard: string[] = [];
    own.subscribe('countersign.v1.accepted.A', { callback: (_, it) => told.resolve(it.json()) });
    other.subscribe('countersign.v1.accepted.B', {
      callback: (_, { subject }) => void overheard.push(subject),
    });
    await Promise.all([own.flush(), other.flush()]);
    const stop = new RequestIntakeQueue({ link: bus.link, log: silentLog }).consume((request) => {
      bus.announce(acceptedNatsSubject(request.requesterToken), { heard: request.requesterToken });
      return Promise.resolve('ack');
    });
    await vi.waitFor(async () => expect(await waiting(await nats.connection('requests'))).toBe(0), 5_000);
    own.publish('countersign.v1.requests.A', '{}');
    await expect(told.promise).resolves.toEqual({ heard: 'A' });
    await other.flush();
    expect(overheard).toEqual([]);
    await stop();
  });

  it.each(PROTECTED)('sends nothing to %s for a requester that names it as its reply', async (reply) => {
    const queue = await requests();
    const { heard, settle } = await listenEverywhere();
    const requester = await nats.connection('A');
    requester.publish('countersign.v1.requests.A', '{}', { reply });
    await requester.flush();
    expect(await waiting(queue)).toBe(1);
    await settle();
    expect(heard).toEqual([]);
  });

  it('sends nothing to a service, whatever reply intake itself names to JetStream', async () => {
    const queue = await requests();
    const { heard, settle } = await listenEverywhere();
    const requester = await nats.connection('B');
    requester.publish('countersign.v1.requests.B', '{}');
    await requester.flush();
    const internal = PROTECTED.filter((natsSubject) => /^(countersign\.internal|_INBOX)/.test(natsSubject));
    for (const reply of internal) {
      const next = `$JS.API.CONSUMER.MSG.NEXT.${REQUESTS_JETSTREAM}.intake`;
      queue.publish(next, JSON.stringify({ batch: 1, no_wait: true }), { reply });
      queue.publish('$JS.API.INFO', '', { reply });
    }
    await queue.flush();
    await settle();
    expect(heard).toEqual([]);
  });

  it("can't be made to take down what services say", async () => {
    const queue = await requests();
    const grab = { name: REQUESTS_JETSTREAM, subjects: ['countersign.internal.>'], retention: 'workqueue' };
    const update = await queue.request(
      `$JS.API.STREAM.UPDATE.${REQUESTS_JETSTREAM}`,
      JSON.stringify({ ...grab, discard: 'new', no_ack: true, max_msgs_per_subject: 1_000 }),
    );
    expect(update.json()).toMatchObject({ config: { subjects: grab.subjects } });
    const policy = await nats.connection('policy');
    policy.publish('countersign.internal.doorbell.policyset', '{}');
    await policy.flush();
    expect(await waiting(queue)).toBe(0);
  });
});

import type { SubmittedRequest } from '@countersign/bus';
import {
  acceptedNatsSubject,
  rejectedNatsSubject,
  requesterNatsToken,
  requestNatsSubject,
} from '@countersign/contracts';
import { streamName } from '@countersign/event-store';
import type { Json } from '@countersign/kernel';
import { AuthenticationError, SILENT_LOGGER, type Authenticator } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { FailpointEventStore, Failpoints, refuseAppend } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { generousAdmission } from '../spec-helpers.ts';
import { SubmitRequest } from '../submit-request.ts';
import { TakeRequest } from './take-request.ts';

const ETL_BOT = requesterNatsToken({ type: 'Agent', id: 'etl-bot' });

const event = {
  specversion: '1.0',
  id: 'nightly-1',
  source: '/jobs/nightly',
  type: 'countersign.request.v1',
  data: {
    action: { name: 'data.export' },
    resource: { type: 'Dataset', id: 'customers' },
    context: { justification: 'Quarterly report', rows: 500 },
  },
};

const published = (data: Json | string, changes: Partial<SubmittedRequest> = {}): SubmittedRequest => ({
  natsSubject: requestNatsSubject(ETL_BOT),
  requesterToken: ETL_BOT,
  headers: {},
  bearerToken: 'Agent::"etl-bot"',
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  delivery: 1,
  ...changes,
});

let world: World;
let announced: { subject: string; message: Json }[];

/** Takes the bearer token for the caller's name, as the development issuer's `sub` would be. */
const authenticator = (): Authenticator => ({
  authenticate: async (token) => {
    if (token === 'forged') throw new AuthenticationError('token_invalid');
    return world.caller(token);
  },
});

const taker = (store = world.store, admission = generousAdmission()): TakeRequest =>
  new TakeRequest({
    authenticator: authenticator(),
    submitRequest: new SubmitRequest({ ...world.context('intake', store), admission }),
    outlet: { announce: (subject, message) => announced.push({ subject, message }) },
    log: SILENT_LOGGER,
  });

beforeEach(async () => {
  world = await World.acme();
  announced = [];
});

describe('a request from the queue', () => {
  it('is announced as accepted only once it is durable, and settled', async () => {
    expect(await taker().take(published(event))).toBe('ack');
    const [{ subject, message } = { subject: '', message: {} }] = announced;
    expect(subject).toBe(acceptedNatsSubject(ETL_BOT));
    const { requestId } = message as { requestId: string };
    expect(await world.events(streamName('request', requestId))).toHaveLength(1);
  });

  it('published again meets its own stream and gets the same answer', async () => {
    const take = taker();
    await take.take(published(event));
    await take.take(published(event, { delivery: 2 }));
    expect(announced[1]).toEqual(announced[0]);
  });

  it('of another source with the same id is another request', async () => {
    const take = taker();
    await take.take(published(event));
    await take.take(published({ ...event, source: '/jobs/weekly' }));
    const ids = announced.map(({ message }) => (message as { requestId: string }).requestId);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['no JSON', published('{'), 'malformed_json'],
    ['a duplicate key', published('{"specversion":"1.0","specversion":"1.0"}'), 'duplicate_key'],
    ['no CloudEvent', published({ hello: 'world' }), 'invalid_field'],
    ['another type of event', published({ ...event, type: 'other' }), 'invalid_field'],
    ['a body that is no action', published({ ...event, data: { action: 1 } }), 'invalid_field'],
    ['no token', published(event, { bearerToken: '' }), 'unauthenticated'],
    ['a token that does not verify', published(event, { bearerToken: 'forged' }), 'token_invalid'],
    ['the token of another requester', published(event, { bearerToken: 'Agent::"deploy-bot"' }), 'forbidden'],
  ])('with %s is rejected for good, and nothing is appended', async (_, request, code) => {
    const given = request.bearerToken === '' ? withoutToken(request) : request;
    expect(await taker().take(given)).toBe('ack');
    expect(announced).toHaveLength(1);
    expect(announced[0]?.subject).toBe(rejectedNatsSubject(ETL_BOT));
    expect(announced[0]?.message).toMatchObject({ code });
  });

  it('stays in the queue while the store is full, and nobody is told anything', async () => {
    const failpoints = new Failpoints();
    failpoints.arm('before-append', refuseAppend);
    const take = taker(new FailpointEventStore(world.store, failpoints));
    expect(await take.take(published(event))).toBe('retry');
    expect(announced).toEqual([]);
  });

  it('is rejected at a cap of its requester, which says when to publish it again', async () => {
    const take = taker(world.store, generousAdmission({ openRequests: 1 }));
    await take.take(published(event));
    expect(await take.take(published({ ...event, id: 'nightly-2' }))).toBe('ack');
    expect(announced[1]).toMatchObject({
      subject: rejectedNatsSubject(ETL_BOT),
      message: { id: 'nightly-2', code: 'too_many_open_requests', retryAfterS: expect.any(Number) },
    });
  });

  it('stays in the queue while the system holds no more, and nobody is told anything', async () => {
    const take = taker(world.store, generousAdmission({}, 0));
    expect(await take.take(published(event))).toBe('retry');
    expect(announced).toEqual([]);
  });
});

const withoutToken = ({ bearerToken: _, ...request }: SubmittedRequest): SubmittedRequest => request;

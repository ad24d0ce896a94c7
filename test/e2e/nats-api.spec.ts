import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  DEPLOY_BOT,
  ETL_BOT,
  read,
  redeem,
  redemptionOf,
  report,
  smallExport,
} from './harness/life-cycle.ts';
import { RequesterOnNats } from './harness/requester-on-nats.ts';

let countersign: Countersign;
let onNats: RequesterOnNats;
let bearer: string;
let etlBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start();
  onNats = await RequesterOnNats.connect(countersign, ETL_BOT);
  bearer = await countersign.token(ETL_BOT);
  [etlBot, alice] = [countersign.apiWith(bearer), await countersign.api(ALICE)];
  await untilTheQueueIsOpen();
});
afterAll(async () => {
  await onNats.close();
  await countersign.dispose();
});

interface CloudEvent {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

const eventOf = (data: object = smallExport(), members: object = {}): CloudEvent => ({
  id: randomUUID(),
  specversion: '1.0',
  source: '/jobs/etl',
  type: 'countersign.request.v1',
  data,
  ...members,
});

const accepted = async (event: { id: string }): Promise<{ requestId: string; digest: unknown }> => {
  const { requestId, digest } = await onNats.hear('accepted', ({ id }) => id === event.id);
  return { requestId: String(requestId), digest };
};

/** What is published before the queue is there is lost, so a requester repeats until it hears of it. */
const untilTheQueueIsOpen = async (): Promise<void> => {
  const event = eventOf();
  const repeat = setInterval(() => onNats.publish(event, bearer), 100);
  const { requestId } = await accepted(event).finally(() => clearInterval(repeat));
  await awaitStatus(etlBot, requestId, 'pending');
};

const submitted = async (): Promise<string> => {
  const event = eventOf();
  onNats.publish(event, bearer);
  return (await accepted(event)).requestId;
};

const receiptOf = async (requestId: string, status: string): Promise<string> => {
  const { receipt } = await onNats.hear(
    'receipts',
    (it) => it['requestId'] === requestId && it['status'] === status,
  );
  return String(receipt);
};

describe('a request published on NATS', () => {
  it('is told to be accepted once it is durable, and each change of status by a signed receipt', async () => {
    const id = await submitted();
    expect(countersign.log.types(`request-${id}`)).toEqual(['ActionRequested']);
    const open = await awaitStatus(etlBot, id, 'pending');
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', countersign.address));
    const expected = {
      typ: 'countersign-receipt+jwt',
      issuer: 'urn:countersign:intake',
      audience: 'urn:countersign:requester',
      subject: ETL_BOT,
      algorithms: ['EdDSA'],
    };
    const steps: [status: string, step: () => Promise<unknown>][] = [
      ['pending', () => Promise.resolve()],
      ['approved', () => approve(alice, open)],
      ['redeemed', async () => redeem(etlBot, open, (await claim(etlBot, id)).token)],
      ['succeeded', () => report(etlBot, id)],
    ];
    let version = 0;
    for (const [status, step] of steps) {
      await step();
      const { payload } = await jwtVerify(await receiptOf(id, status), keys, expected);
      expect(payload).toMatchObject({ rid: id, dig: open.digest, status });
      expect(payload['version']).toBeGreaterThan(version);
      version = Number(payload['version']);
    }
  });

  it('is the same request when the same CloudEvent comes again', async () => {
    const event = eventOf();
    onNats.publish(event, bearer);
    const first = await accepted(event);
    await awaitStatus(etlBot, first.requestId, 'pending');
    await appendsNothing(countersign.log, async () => {
      onNats.publish(event, bearer);
      expect(await accepted(event)).toEqual(first);
    });
  });

  it("is nobody else's by the same CloudEvent id from another source", async () => {
    const event = eventOf();
    onNats.publish(event, bearer);
    const { requestId } = await accepted(event);
    const other = { ...event, source: '/jobs/other' };
    onNats.publish(other, bearer);
    expect((await accepted(other)).requestId).not.toBe(requestId);
  });

  it('with another action by the same CloudEvent id is rejected', async () => {
    const event = eventOf();
    onNats.publish(event, bearer);
    const { requestId } = await accepted(event);
    await awaitStatus(etlBot, requestId, 'pending');
    onNats.publish({ ...event, data: smallExport({ rows: 501 }) }, bearer);
    const rejected = await onNats.hear('rejected', ({ id }) => id === event.id);
    expect(rejected).toMatchObject({ code: 'idempotency_conflict' });
    expect(countersign.log.types(`request-${requestId}`)).toEqual(['ActionRequested']);
  });
});

describe('an event is rejected with a code, and leaves no trace, where it', () => {
  const text = (event: object): string => JSON.stringify(event);
  const body = smallExport();
  it.each<[string, object | string, string, string?]>([
    ['is no JSON', '{"id":', 'malformed_json'],
    [
      'holds a key twice',
      text(eventOf()).replace('"rows":500', '"rows":500,"rows":5'),
      'duplicate_key',
      'data.context.rows',
    ],
    [
      'holds an unsafe integer',
      text(eventOf()).replace('"rows":500', '"rows":9007199254740993'),
      'unsafe_integer',
      'data.context.rows',
    ],
    [
      'holds a forbidden key',
      text(eventOf()).replace('"rows"', '"__proto__"'),
      'forbidden_key',
      'data.context.__proto__',
    ],
    ['has no id', eventOf(body, { id: undefined }), 'invalid_field', 'id'],
    ['has no source', eventOf(body, { source: undefined }), 'invalid_field', 'source'],
    ['is of another type', eventOf(body, { type: 'countersign.approval.v1' }), 'invalid_field', 'type'],
    ['has no data', eventOf(body, { data: undefined }), 'invalid_field', 'data'],
    [
      'has data of another type',
      eventOf(body, { datacontenttype: 'text/xml' }),
      'invalid_field',
      'datacontenttype',
    ],
    ['has an unknown member in its request', eventOf({ ...body, priority: 1 }), 'unknown_field', 'priority'],
    ['names its own subject', eventOf({ ...body, subject: {} }), 'unknown_field', 'subject'],
    ['has no justification', eventOf({ ...body, context: {} }), 'invalid_field', 'context.justification'],
    [
      'contradicts the catalogue',
      eventOf({
        ...body,
        resource: { type: 'Dataset', id: 'customers', properties: { environment: 'dev' } },
      }),
      'property_conflict',
      'resource.properties.environment',
    ],
  ])('%s', async (_what, event, code, field) => {
    await appendsNothing(countersign.log, async () => {
      onNats.publish(event, bearer);
      expect(await onNats.hear('rejected')).toMatchObject({ code, ...(field !== undefined && { field }) });
    });
  });

  it.each<[string, () => Promise<string | undefined>, string]>([
    ['carries no token', () => Promise.resolve(undefined), 'unauthenticated'],
    ['carries no token worth the name', () => Promise.resolve('a.b.c'), 'token_invalid'],
    ['carries an expired token', () => countersign.token(ETL_BOT, undefined, -1_000), 'token_expired'],
    ["carries another requester's token", () => countersign.token(DEPLOY_BOT), 'forbidden'],
    ["carries a person's token", () => countersign.token(ALICE), 'forbidden'],
  ])('%s', async (_what, token, code) => {
    const event = eventOf();
    await appendsNothing(countersign.log, async () => {
      onNats.publish(event, await token());
      expect(await onNats.hear('rejected', ({ id }) => id === event.id)).toMatchObject({ code });
    });
  });

  it('comes from a person on a subject of their own', async () => {
    const person = await RequesterOnNats.connect(countersign, ALICE);
    person.publish(eventOf(), await countersign.token(ALICE));
    expect(await person.hear('rejected')).toMatchObject({ code: 'not_a_requester' });
    await person.close();
  });
});

describe('a receipt is no authority', () => {
  it('neither as an identity nor as an action token', async () => {
    const id = await submitted();
    const open = await awaitStatus(etlBot, id, 'pending');
    await approve(alice, open);
    const receipt = await receiptOf(id, 'approved');
    await claim(etlBot, id);
    const asIdentity = await countersign.apiWith(receipt).get(`/v1/requests/${id}`);
    expectProblem(asIdentity, { status: 401, code: 'token_invalid' });
    const answer = await appendsNothing(countersign.log, () =>
      etlBot.post('/v1/grants/redemptions', redemptionOf(open, receipt)),
    );
    expectProblem(answer, { status: 401, code: 'token_invalid', field: 'token' });
    expect((await read(etlBot, id)).status).toBe('approved');
  });

  it('nor as a requester’s token on NATS', async () => {
    const id = await submitted();
    const receipt = await receiptOf(id, 'pending');
    const event = eventOf();
    onNats.publish(event, receipt);
    expect(await onNats.hear('rejected', (it) => it['id'] === event.id)).toMatchObject({
      code: 'token_invalid',
    });
  });
});

it('no token stands in anything that the process wrote, and the log holds what it must', () => {
  expect(countersign.output).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
  assertInvariants(countersign, { maxOverdueMs: 3_000 });
});

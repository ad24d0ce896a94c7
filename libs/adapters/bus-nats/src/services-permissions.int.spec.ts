import { setImmediate as turn } from 'node:timers/promises';
import { REQUESTS_JETSTREAM as QUEUE } from '@countersign/contracts';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE_LOGINS } from './server/services-server-config.ts';
import { ServicesNats } from './testing/services-nats.ts';

const LOGINS = [...SERVICE_LOGINS, 'A', 'B'] as const;
type Login = (typeof LOGINS)[number];

/**
 * Every subject, who may say it and who may hear it. Written by hand: what is generated from the contracts is
 * compared with this. After a slash stands the queue group: none, one, or any where nobody else hears it.
 */
const MATRIX: readonly (readonly [natsSubject: string, says: string, hears: string])[] = [
  ['countersign.internal.call.policy.cancel-review', 'intake', 'policy/countersign'],
  ['countersign.internal.call.policy.record-decision', 'notification', 'policy/countersign'],
  ['countersign.internal.call.policy.reauthorize', 'credentials', 'policy/countersign'],
  ['countersign.internal.call.credentials.revoke-grant', 'intake', 'credentials/countersign'],
  ['countersign.internal.call.audit.anything', '', ''],
  ['countersign.internal.doorbell.request', 'intake', 'policy/policy-reviews'],
  [
    'countersign.internal.doorbell.review',
    'policy',
    'notification/notification-cards intake/ intake/intake-alone',
  ],
  ['countersign.internal.doorbell.reviewattempt', 'policy', ''],
  [
    'countersign.internal.doorbell.grant',
    'credentials',
    'notification/notification-cards intake/ intake/intake-alone',
  ],
  ['countersign.internal.doorbell.grantattempt', 'credentials', ''],
  ['countersign.internal.doorbell.delivery', 'notification', ''],
  ['countersign.internal.doorbell.interaction', 'notification', ''],
  ['countersign.internal.doorbell.policyset', 'policy', ''],
  ['countersign.internal.doorbell.evidence', 'audit', ''],
  ['countersign.internal.doorbell.system', 'policy', ''],
  ['countersign.internal.doorbell.unknown', '', ''],
  ['_INBOX_intake.x', 'policy credentials', 'intake/*'],
  ['_INBOX_notification.x', 'policy', 'notification/*'],
  ['_INBOX_credentials.x', 'policy', 'credentials/*'],
  ['_INBOX_policy.x', '', ''],
  ['_INBOX_audit.x', '', ''],
  ['_INBOX_intake_requests.x', '', 'requests/*'],
  ['_INBOX_internal.x', '', ''],
  ['_INBOX.x', '', ''],
  ['countersign.v1.requests.A', 'A', ''],
  ['countersign.v1.requests.B', 'B', ''],
  ['countersign.v1.requests.A.B', '', ''],
  ['countersign.v1.accepted.A', 'requests', 'A/*'],
  ['countersign.v1.accepted.B', 'requests', 'B/*'],
  ['countersign.v1.rejected.A', 'requests', 'A/*'],
  ['countersign.v1.rejected.B', 'requests', 'B/*'],
  ['countersign.v1.receipts.A.r1', 'requests', 'A/*'],
  ['countersign.v1.receipts.B.r1', 'requests', 'B/*'],
  ['countersign.v1.anything', '', ''],
  ['$JS.API.INFO', 'requests', ''],
  ['$JS.API.STREAM.LIST', '', ''],
  ['$JS.API.STREAM.CREATE.OTHER', '', ''],
  [`$JS.API.STREAM.CREATE.${QUEUE}`, 'requests', ''],
  [`$JS.API.STREAM.INFO.${QUEUE}`, 'requests', ''],
  [`$JS.API.STREAM.UPDATE.${QUEUE}`, 'requests', ''],
  [`$JS.API.STREAM.PURGE.${QUEUE}`, '', ''],
  [`$JS.API.STREAM.DELETE.${QUEUE}`, '', ''],
  [`$JS.API.STREAM.MSG.GET.${QUEUE}`, '', ''],
  [`$JS.API.STREAM.MSG.DELETE.${QUEUE}`, '', ''],
  [`$JS.API.STREAM.SNAPSHOT.${QUEUE}`, '', ''],
  [`$JS.API.DIRECT.GET.${QUEUE}`, '', ''],
  [`$JS.API.CONSUMER.CREATE.${QUEUE}.intake`, 'requests', ''],
  [`$JS.API.CONSUMER.CREATE.${QUEUE}.other`, '', ''],
  [`$JS.API.CONSUMER.CREATE.${QUEUE}`, '', ''],
  [`$JS.API.CONSUMER.DURABLE.CREATE.${QUEUE}.intake`, 'requests', ''],
  [`$JS.API.CONSUMER.DURABLE.CREATE.${QUEUE}.other`, '', ''],
  [`$JS.API.CONSUMER.INFO.${QUEUE}.intake`, 'requests', ''],
  [`$JS.API.CONSUMER.DELETE.${QUEUE}.intake`, '', ''],
  [`$JS.API.CONSUMER.MSG.NEXT.${QUEUE}.intake`, 'requests', ''],
  [`$JS.ACK.${QUEUE}.intake.1.1.1.1.1`, 'requests', ''],
  [`$JS.ACK.${QUEUE}.other.1.1.1.1.1`, '', ''],
  ['$JS.EVENT.ADVISORY.API', '', ''],
  ['$SYS.REQ.SERVER.PING', '', ''],
  ['$SYS.ACCOUNT.COUNTERSIGN.CONNECT', '', ''],
];

/** Wider than anybody's own: nobody may hear these. */
const WIDE = [
  '>',
  '*.>',
  'countersign.>',
  'countersign.internal.>',
  'countersign.internal.call.>',
  'countersign.internal.call.policy.*',
  'countersign.internal.doorbell.*',
  'countersign.v1.>',
  'countersign.v1.requests.*',
  'countersign.v1.accepted.*',
  'countersign.v1.receipts.*.*',
  '_INBOX_*.>',
  '$JS.>',
  '$JS.API.>',
  '$SYS.>',
];
const GROUPS = ['', 'countersign', 'policy-reviews', 'notification-cards', 'intake-alone', 'mine'];

let nats: ServicesNats;
const connections = new Map<Login, NatsConnection>();
const refusals = new Map<Login, string[]>();

/** Collects what the server refuses, in the order in which it does. */
const watch = async (login: Login, connection: NatsConnection): Promise<void> => {
  const refused: string[] = [];
  refusals.set(login, refused);
  for await (const status of connection.status()) {
    if (status.type === 'error') refused.push(status.error.message);
  }
};

const as = (login: Login): NatsConnection => {
  const connection = connections.get(login);
  if (connection === undefined) throw new Error(`${login} isn't connected.`);
  return connection;
};

/** Whether the server refused what was done; its answer precedes that to the flush. */
const refuses = async (login: Login, doIt: (connection: NatsConnection) => void): Promise<boolean> => {
  const connection = as(login);
  const refused = refusals.get(login) ?? [];
  const before = refused.length;
  doIt(connection);
  await connection.flush();
  // The status iterator hands on in promises of its own what arrived before the flush was answered.
  await turn();
  return refused.length > before;
};

beforeAll(async () => {
  nats = await ServicesNats.up();
  for (const login of LOGINS) {
    const connection = await nats.connection(login);
    connections.set(login, connection);
    void watch(login, connection);
  }
});
afterAll(() => nats.end());

describe('a stranger', () => {
  it.each([
    ['without a login', {}],
    ['with a name', { user: 'intake', pass: 'intake' }],
    ['with a token', { token: 'intake' }],
  ])('is refused %s', async (_, login) => {
    await expect(connect({ servers: nats.address, reconnect: false, ...login })).rejects.toThrow(
      /authorization/i,
    );
  });
});

describe('every user on every subject', () => {
  it('says what the contracts allow, and nothing else', async () => {
    const found: string[] = [];
    for (const [natsSubject] of MATRIX) {
      for (const login of LOGINS) {
        if (!(await refuses(login, (it) => it.publish(natsSubject, '{}'))))
          found.push(`${login} says ${natsSubject}`);
      }
    }
    const allowed = MATRIX.flatMap(([natsSubject, says]) =>
      says
        .split(' ')
        .filter(Boolean)
        .map((login) => `${login} says ${natsSubject}`),
    );
    expect(found.toSorted()).toEqual(allowed.toSorted());
  });

  it('hears what the contracts allow, in its own queue group, and nothing else', async () => {
    const found: string[] = [];
    for (const [natsSubject] of MATRIX) {
      for (const login of LOGINS) {
        for (const queue of GROUPS) {
          const listen = (it: NatsConnection): void => {
            it.subscribe(natsSubject, { callback: () => undefined, ...(queue && { queue }) }).unsubscribe();
          };
          if (!(await refuses(login, listen))) found.push(`${login}/${queue} hears ${natsSubject}`);
        }
      }
    }
    const allowed = MATRIX.flatMap(([natsSubject, , hears]) =>
      hears
        .split(' ')
        .filter(Boolean)
        .flatMap((hearer) =>
          hearer.endsWith('*') ? GROUPS.map((group) => hearer.replace('*', group)) : [hearer],
        )
        .map((hearer) => `${hearer} hears ${natsSubject}`),
    );
    expect(found.toSorted()).toEqual(allowed.toSorted());
  });

  it.each(WIDE)('hears nothing by way of %s', async (natsSubject) => {
    const heard: string[] = [];
    for (const login of LOGINS) {
      const listen = (it: NatsConnection): void => {
        it.subscribe(natsSubject, { callback: () => undefined }).unsubscribe();
      };
      if (!(await refuses(login, listen))) heard.push(login);
    }
    expect(heard).toEqual([]);
  });
});

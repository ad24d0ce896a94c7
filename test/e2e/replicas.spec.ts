import { requestNatsSubject } from '@countersign/contracts';
import type { Category } from '@countersign/event-store';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PersistentCaller } from '../faults/harness/persistent-caller.ts';
import { actionOf, ETL_BOT, redemptionOf, smallExport } from './harness/life-cycle.ts';
import { lostRaces } from './harness/lost-races.ts';
import { TwoOfEach } from './harness/two-of-each.ts';

const REPLICAS = [0, 1];
/** Twenty processes are started, and each of them once or twice again. */
const LONG_MS = 180_000;
/** How long after its time what is due may stand undone on a machine that is busy starting processes. */
const LATE_MS = 60_000;

let two: TwoOfEach;
beforeAll(async () => {
  two = await TwoOfEach.start();
}, LONG_MS);
afterAll(() => two.dispose(), LONG_MS);

const times = <Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describe('two replicas of each service', { timeout: LONG_MS }, () => {
  it('let each timer fire once, and race for nothing twice', async () => {
    const keepers = [...two.replicas('policy'), ...two.replicas('credentials')];
    const before = await lostRaces(keepers);
    const expired = await times(6, () => two.play('expired'));
    const neverRun = await times(6, () => two.play('approved and never run'));
    for (const { id } of expired) expect(two.standing('review', id, 'ReviewExpired')).toBe(1);
    for (const { id } of neverRun) expect(two.standing('grant', id, 'GrantExpired')).toBe(1);
    // Whoever loses the race for an evaluation or an expiry sees that nothing is left to do, and doesn't try again.
    expect((await lostRaces(keepers)) - before).toBeLessThanOrEqual(2 * (expired.length + neverRun.length));
  });

  it('redeem a grant once, whichever of them are asked at once', async () => {
    const token = await two.under.token(ETL_BOT);
    const replicas = two
      .replicas('credentials')
      .map(({ address }) => new PersistentCaller({ address, token, patienceMs: LATE_MS }));
    await times(6, async () => {
      const journey = await two.approved(smallExport());
      const body = redemptionOf(journey.request, await journey.claim());
      const redeem = (redemptionId: (replica: number) => string) =>
        Promise.all(
          replicas.map((caller, replica) =>
            caller.post('/v1/grants/redemptions', { ...body, redemptionId: redemptionId(replica) }),
          ),
        );
      const rivals = await redeem((replica) => `rival ${replica}`);
      expect(new Set(rivals.map(({ status }) => status))).toEqual(new Set([200, 409]));
      const winner = rivals.findIndex(({ status }) => status === 200);
      const repeats = await redeem(() => `rival ${winner}`);
      expect(repeats.map(({ json }) => json)).toEqual(REPLICAS.map(() => rivals[winner]?.json));
      expect(two.standing('grant', journey.id, 'GrantRedeemed')).toBe(1);
    });
  });
});

interface Death {
  readonly service: ServiceName;
  /** The one that dies. */
  readonly replica: number;
  readonly category: Category;
  /** Before it appends this. */
  readonly type: string;
  /** Makes work that either of them takes; answers the request's id. */
  readonly makeWork: () => Promise<string>;
}

/** Whoever took it from the queue has to hand it on: it isn't said again. */
const publishOnce = async (): Promise<string> => {
  const { connection, token, bearer } = two.onNats;
  const accepted = connection.subscribe(`countersign.v1.accepted.${token}`, { max: 1 });
  const sent = headers();
  sent.set('Authorization', `Bearer ${bearer}`);
  const event = { specversion: '1.0', id: crypto.randomUUID(), source: '/jobs/etl', data: smallExport() };
  const payload = JSON.stringify({ ...event, type: 'countersign.request.v1' });
  connection.publish(requestNatsSubject(token), payload, { headers: sent });
  for await (const message of accepted) return message.json<{ readonly requestId: string }>().requestId;
  throw new Error('It was never accepted.');
};

const onCustomers = (action: string) => actionOf(action, 'Dataset', 'customers');

const DEATHS: readonly Death[] = [
  {
    service: 'intake',
    replica: 0,
    category: 'request',
    type: 'ActionRequested',
    makeWork: publishOnce,
  },
  {
    service: 'policy',
    replica: 0,
    category: 'review',
    type: 'PolicyEvaluated',
    makeWork: async () => (await two.submit(smallExport())).id,
  },
  {
    service: 'policy',
    replica: 1,
    category: 'review',
    type: 'ReviewExpired',
    makeWork: async () => (await two.submit(onCustomers('data.sampled'))).id,
  },
  {
    service: 'notification',
    replica: 0,
    category: 'delivery',
    type: 'NotificationAttempted',
    makeWork: async () => (await two.submit(smallExport())).id,
  },
  {
    service: 'credentials',
    replica: 0,
    category: 'grant',
    type: 'GrantExpired',
    makeWork: async () => (await two.approved(onCustomers('data.lent'))).id,
  },
];

describe('the work in hand of a replica that is killed', { timeout: LONG_MS }, () => {
  it.each(DEATHS.map((death) => [death.service, death.type, death] as const))(
    'is done by the other, once: %s, %s',
    async (_service, _type, { service, replica, category, type, makeWork }) => {
      const dying = two.under.stack.service(service, replica);
      const died = dying.ended;
      await dying.order({ order: 'arm', failpoints: `before-append:${type}:kill` });
      // Chance says which of them takes it.
      for (let tries = 0; dying.isRunning && tries < 50; tries += 1) {
        const id = await makeWork();
        await expect.poll(() => two.standing(category, id, type), { timeout: LATE_MS }).toBe(1);
      }
      expect(await died).toMatchObject({ signal: 'SIGKILL' });
      dying.start();
      await dying.whenReady();
    },
  );
});

/** One replica of each service at a time, as each of five deployments is rolled by itself. */
const roll = async (replica: number): Promise<void> => {
  const rolled = SERVICE_NAMES.map((service) => two.under.stack.service(service, replica));
  const endings = await Promise.all(rolled.map((process) => process.kill('SIGTERM')));
  expect(endings).toEqual(rolled.map(() => ({ code: 0, signal: null })));
  for (const process of rolled) process.start();
  await Promise.all(rolled.map((process) => process.whenReady()));
  await two.under.stack.whenReady();
};

describe('a rolling restart of every service under load', { timeout: LONG_MS }, () => {
  it('cuts no call off, fails no request that a repeat does not settle, and doubles nothing', async () => {
    const load = await two.load(8);
    for (const replica of REPLICAS) {
      await load.more(8);
      await roll(replica);
    }
    await load.more(8);
    await load.stop();
    const cutOff = [...load.unsettled.keys()].filter((what) => /^0|replica|shutting_down/.test(what));
    expect(cutOff).toEqual([]);
    two.assertWhole(load);
  });
});

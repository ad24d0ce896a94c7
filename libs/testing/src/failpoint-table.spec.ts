import type { Bus, RequestQueue } from '@countersign/bus';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { describe, expect, it } from 'vitest';
import { failpointAnswers, failpointCalls } from './failpoint-answers.ts';
import { FailpointBus } from './failpoint-bus.ts';
import { FailpointEventStore } from './failpoint-event-store.ts';
import { failpointRequesterOutlet, failpointRequestQueue } from './failpoint-requesters.ts';
import { FAILPOINT_NAMES, FAILPOINTS } from './failpoint-table.ts';
import { Failpoints, placeOf } from './failpoints.ts';
import { ManualClock } from './manual-clock.ts';

const ID = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11';
const DOORBELL = { category: 'review', stream: `review-${ID}`, revision: 0, type: 'ReviewOpened', id: ID };
const REQUEST = { natsSubject: 'countersign.v1.requests.x', requesterToken: 'x', headers: {}, delivery: 1 };

const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers at once, and rings back what is rung. */
const echo = (): Bus => {
  const hearers: Parameters<Bus['hear']>[1][] = [];
  return {
    connected: true,
    ring: (doorbell) => hearers.forEach((onRing) => void onRing(doorbell)),
    hear: (_, onRing) => {
      hearers.push(onRing);
      return () => Promise.resolve();
    },
    request: (_, message) => Promise.resolve(message),
  };
};

const setUp = () => {
  const failpoints = new Failpoints();
  const reached: string[] = [];
  failpoints.watch((name, subject) => reached.push(`${name} ${placeOf(subject)}`));
  const names = async (): Promise<ReadonlySet<string>> => {
    await oneTurn();
    return new Set(reached.map((each) => each.split(' ')[0] ?? ''));
  };
  return { failpoints, reached, names };
};

/** The members of a decorated port: all of them must stand in the table. */
const membersOf = (port: object): readonly string[] =>
  [...Object.keys(port), ...Object.getOwnPropertyNames(Object.getPrototypeOf(port))].filter(
    (name) => name !== 'constructor' && !(name in Object.prototype),
  );

const useStore = async (failpoints: Failpoints): Promise<object> => {
  const store = new FailpointEventStore(new MemoryEventStore(new ManualClock()), failpoints);
  const stream = `request-${ID}`;
  await store.append(stream, 'no-stream', sampleAppend(stream, 'no-stream', [sampleEvent()]));
  await store.readStream(stream);
  await new Promise<void>((onCaughtUp) => {
    store.subscribe({ categories: ['request'] }, { onEvents: () => undefined, onCaughtUp });
  });
  return store;
};

const useBus = async (failpoints: Failpoints): Promise<object> => {
  const bus = new FailpointBus(echo(), failpoints);
  bus.hear({ category: 'review' }, () => undefined);
  bus.ring(DOORBELL);
  await bus.request('countersign.internal.x', {}, { deadlineMs: 1_000 });
  return bus;
};

const useQueue = async (failpoints: Failpoints): Promise<object> => {
  const handled: Promise<unknown>[] = [];
  const queue: RequestQueue = {
    consume: (handler) => {
      handled.push(handler({ ...REQUEST, data: new Uint8Array() }));
      return () => Promise.resolve();
    },
  };
  const decorated = failpointRequestQueue(queue, failpoints);
  decorated.consume(() => Promise.resolve('ack'));
  await Promise.all(handled);
  return decorated;
};

const useOutlet = (failpoints: Failpoints): Promise<object> => {
  const outlet = failpointRequesterOutlet({ announce: () => undefined }, failpoints);
  outlet.announce('countersign.v1.accepted.x', {});
  return Promise.resolve(outlet);
};

const useAnswers = async (failpoints: Failpoints): Promise<object> => {
  const serve = failpointCalls(failpoints)(() => Promise.resolve('done'));
  const answer = failpointAnswers(failpoints);
  await serve({ natsSubject: 'countersign.internal.x' });
  await answer('before', 'POST /v1/requests');
  await answer('after', 'POST /v1/requests');
  return { serve, answer };
};

const USES: Readonly<Record<keyof typeof FAILPOINTS, (failpoints: Failpoints) => Promise<object>>> = {
  store: useStore,
  bus: useBus,
  requestQueue: useQueue,
  requesterOutlet: useOutlet,
  answers: useAnswers,
};

const PORTS = Object.entries(USES);

describe('failpoints', () => {
  it.each(PORTS)('are at every method of the port: %s', async (port, use) => {
    const { failpoints } = setUp();
    const decorated = await use(failpoints);
    const table = Object.entries(FAILPOINTS).find(([name]) => name === port)?.[1] ?? {};
    expect(membersOf(decorated).toSorted()).toEqual(Object.keys(table).toSorted());
  });

  it('are all passed by whoever uses every method of every port', async () => {
    const { failpoints, names } = setUp();
    for (const [, use] of PORTS) await use(failpoints);
    expect(await names()).toEqual(new Set(FAILPOINT_NAMES));
  });

  it('are the same place for every request', async () => {
    const { failpoints, names, reached } = setUp();
    await useBus(failpoints);
    await names();
    expect(reached).toContain('after-ring review ReviewOpened');
    expect(placeOf(`countersign.v1.receipts.QWdlbnQ.${ID}`)).toBe('countersign.v1.receipts.QWdlbnQ');
    expect(placeOf('evidence-2026-11-20 EvidenceRead')).toBe('evidence EvidenceRead');
  });

  it('leave health checks alone', async () => {
    const { failpoints, reached } = setUp();
    await failpointAnswers(failpoints)('before', 'GET /health/ready');
    expect(reached).toEqual([]);
  });
});

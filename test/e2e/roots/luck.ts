import { appendFileSync } from 'node:fs';
import { SystemClock } from '@countersign/kernel';
import type { RunOptions } from '@countersign/service-host';
import {
  armFailpoints,
  failpointAnswers,
  FailpointBus,
  failpointCalls,
  FailpointEventStore,
  failpointRequesterOutlet,
  failpointRequestQueue,
  Failpoints,
  killProcess,
  placeOf,
  refuseAppend,
} from '@countersign/testing';
import { erraticBus } from './erratic-bus.ts';
import { DONE, type BadLuck, type Order } from './orders.ts';

type Decorations = Omit<RunOptions, 'name' | 'version' | 'services' | 'ownNatsServer' | 'announce'>;

/** Bad luck for a process, from its environment and on order (see orders.ts). */
export const badLuck = (env: BadLuck): Decorations => {
  const failpoints = new Failpoints();
  const { TEST_DOORBELLS, TEST_CLOCK_OFF_MS = '0', TEST_FAILPOINTS, TEST_PASSED_FILE } = env;
  let clockOffMs = Number(TEST_CLOCK_OFF_MS);
  if (TEST_FAILPOINTS !== undefined) armFailpoints(failpoints, TEST_FAILPOINTS);
  if (TEST_PASSED_FILE !== undefined) writeDown(failpoints, TEST_PASSED_FILE);
  process.on('message', (order: Order) => {
    if (order.order === 'step-clock') clockOffMs += order.ms;
    else obey(failpoints, order);
    process.send?.(DONE);
  });
  return {
    decorateStore: (store) => new FailpointEventStore(store, failpoints),
    decorateBus: (bus) => new FailpointBus(erraticBus(bus, TEST_DOORBELLS), failpoints),
    decorateRequestQueue: (queue) => failpointRequestQueue(queue, failpoints),
    decorateRequesterOutlet: (outlet) => failpointRequesterOutlet(outlet, failpoints),
    decorateCalls: failpointCalls(failpoints),
    onHttpAnswer: failpointAnswers(failpoints),
    clock: new SystemClock(() => Date.now() + clockOffMs),
  };
};

const obey = (failpoints: Failpoints, order: Exclude<Order, { order: 'step-clock' }>): void => {
  switch (order.order) {
    case 'arm':
      return armFailpoints(failpoints, order.failpoints);
    case 'die-at':
      failpoints.disarm();
      return failpoints.arm(order.name, killProcess, { when: isAt(order.place) });
    case 'disarm':
      return failpoints.disarm();
    case 'refuse-appends':
      if (order.refuse) failpoints.arm('before-append', refuseAppend, { times: Infinity });
      else failpoints.disarm();
      return undefined;
    default:
      return order satisfies never;
  }
};

const isAt =
  (place: string | undefined) =>
  (subject: string): boolean =>
    place === undefined || placeOf(subject) === place;

const writeDown = (failpoints: Failpoints, path: string): void => {
  const passed = new Set<string>();
  failpoints.watch((name, subject) => {
    const line = `${name} ${placeOf(subject)}\n`;
    if (passed.has(line)) return;
    passed.add(line);
    appendFileSync(path, line);
  });
};

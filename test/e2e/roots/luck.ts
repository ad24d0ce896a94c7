import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SystemClock } from '@countersign/kernel';
import type { RunOptions } from '@countersign/service-host';
import {
  armFailpoints,
  FAILPOINT_NAMES,
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
  const {
    TEST_DOORBELLS,
    TEST_CLOCK_OFF_MS = '0',
    TEST_CLOCK_FILE,
    TEST_PASSED_FILE,
    TEST_DIE_ONCE_AT,
  } = env;
  let clockOffMs = Number(textIn(TEST_CLOCK_FILE) ?? TEST_CLOCK_OFF_MS);
  const passed = TEST_PASSED_FILE === undefined ? undefined : new PassedFile(TEST_PASSED_FILE);
  if (TEST_DIE_ONCE_AT !== undefined && passed?.has(TEST_DIE_ONCE_AT) !== true)
    dieAt(failpoints, TEST_DIE_ONCE_AT);
  if (passed !== undefined) failpoints.watch((name, subject) => passed.add(`${name} ${placeOf(subject)}`));
  process.on('message', (order: Order) => {
    if (order.order === 'step-clock') clockOffMs += order.ms;
    else if (order.order === 'forget-passed') passed?.forget();
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

const textIn = (file: string | undefined): string | undefined =>
  file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined;

const obey = (
  failpoints: Failpoints,
  order: Exclude<Order, { order: 'step-clock' | 'forget-passed' }>,
): void => {
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

/** `before-append system-mode StoreInitialized` */
const dieAt = (failpoints: Failpoints, line: string): void => {
  const name = FAILPOINT_NAMES.find((known) => line.startsWith(`${known} `));
  if (name === undefined) throw new Error(`"${line}" names no failpoint.`);
  failpoints.arm(name, killProcess, { when: isAt(line.slice(name.length + 1)) });
};

/** A line for each place that was passed, by this life or an earlier one. */
class PassedFile {
  readonly #path: string;
  readonly #lines: Set<string>;

  constructor(path: string) {
    this.#path = path;
    this.#lines = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
  }

  has(line: string): boolean {
    return this.#lines.has(line);
  }

  add(line: string): void {
    if (this.#lines.has(line)) return;
    this.#lines.add(line);
    appendFileSync(this.#path, `${line}\n`);
  }

  forget(): void {
    this.#lines.clear();
    writeFileSync(this.#path, '');
  }
}

import { SystemClock } from '@countersign/kernel';
import { runProcess } from '@countersign/service-host';
import { armFailpoints, FailpointEventStore, Failpoints, refuseAppend } from '@countersign/testing';
import { erraticBus } from './erratic-bus.ts';
import { DONE, type BadLuck, type Order } from './orders.ts';
import { SERVICES } from './services.ts';

// The all-in-one process, with bad luck on order (see orders.ts).
const { TEST_DOORBELLS, TEST_CLOCK_OFF_MS = '0' }: BadLuck = process.env;

const failpoints = new Failpoints();
let clockOffMs = Number(TEST_CLOCK_OFF_MS);

const obey = (order: Order): void => {
  switch (order.order) {
    case 'arm':
      return armFailpoints(failpoints, order.failpoints);
    case 'refuse-appends':
      if (order.refuse) failpoints.arm('before-append', refuseAppend, { times: Infinity });
      else failpoints.disarm();
      return undefined;
    case 'step-clock':
      clockOffMs += order.ms;
      return undefined;
    default:
      return order satisfies never;
  }
};

process.on('message', (order: Order) => {
  obey(order);
  process.send?.(DONE);
});

await runProcess({
  name: 'bad-luck',
  version: '0.0.0',
  services: SERVICES,
  ownNatsServer: true,
  decorateStore: (store) => new FailpointEventStore(store, failpoints),
  decorateBus: (bus) => erraticBus(bus, TEST_DOORBELLS),
  clock: new SystemClock(() => Date.now() + clockOffMs),
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});

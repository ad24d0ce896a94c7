import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, Doorbell } from '@countersign/bus';
import type { BadLuck } from './orders.ts';

type Listener = (doorbell: Doorbell) => void | Promise<void>;

const LATE_MS = 700;

type Fault = NonNullable<BadLuck['TEST_DOORBELLS']>;

const DISTORTED: Readonly<Record<Fault, (onRing: Listener) => Listener>> = {
  dropped: () => () => undefined,
  doubled: (onRing) => async (doorbell) => {
    await Promise.all([onRing(doorbell), onRing(doorbell)]);
  },
  delayed: (onRing) => async (doorbell) => {
    await delay(LATE_MS);
    await onRing(doorbell);
  },
};

/** The bus, but for its doorbells: each that is heard is dropped, doubled or delayed. */
export const erraticBus = (bus: Bus, fault: Fault | undefined): Bus => {
  if (fault === undefined) return bus;
  return {
    ring: (doorbell) => bus.ring(doorbell),
    hear: (hearing, onRing) => bus.hear(hearing, DISTORTED[fault](onRing)),
    request: (natsSubject, message, options) => bus.request(natsSubject, message, options),
    get connected() {
      return bus.connected;
    },
  };
};

import { setTimeout as delay } from 'node:timers/promises';
import type { LocalStack, ManagedProcess } from '@countersign/dev-stack';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import type { FailpointName } from '@countersign/testing';
import type { Order } from '../../e2e/roots/orders.ts';
import type { FaultReport } from '../harness/report.ts';
import type { Seed } from '../harness/seed.ts';

/** One process's death, as it is planned. */
interface Kill {
  /** `intake-0`, `nats`, `event-store` */
  readonly process: string;
  /** Where it dies; undefined: wherever it happens to be. */
  readonly at: FailpointName | undefined;
  /** Since the one before, of the same killer. */
  readonly afterMs: number;
  /** How long it stays dead. */
  readonly downMs: number;
}

export interface KillerOptions {
  readonly stack: LocalStack;
  readonly seed: Seed;
  readonly report: FaultReport;
  readonly kills: number;
  /** How many may be dead at once. */
  readonly killers: number;
  readonly onKill: (done: number) => void;
  /** The one service whose replicas are killed, and where; any, and what they depend on, unless told. */
  readonly only?: Victim;
}

interface Victim {
  readonly service: ServiceName;
  readonly places: readonly FailpointName[];
  /** How long somebody waits for it to come past the place. */
  readonly passMs: number;
}

/** Nobody waits longer for a process to come past the place where it is to die. */
const PASS_MS = 1_500;
/** Of what everybody depends on, one in so many kills. */
const INFRASTRUCTURE_IN = 10;

const APPENDS: readonly FailpointName[] = ['before-append', 'after-append', 'before-ring', 'after-ring'];
const FOLLOWS: readonly FailpointName[] = ['before-read', 'before-apply', 'after-apply'];
const HEARS: readonly FailpointName[] = ['before-hear', 'after-hear'];
const ASKS: readonly FailpointName[] = ['before-request', 'after-request'];
const SERVES: readonly FailpointName[] = ['before-handle', 'before-reply', 'after-reply'];
const ANSWERS: readonly FailpointName[] = ['before-answer', 'after-answer'];
const QUEUE: readonly FailpointName[] = ['before-take', 'before-ack', 'after-ack'];
const TELLS: readonly FailpointName[] = ['before-announce', 'after-announce'];

/** What each service comes past again and again under load. */
const PASSED: Readonly<Record<ServiceName, readonly FailpointName[]>> = {
  intake: [...APPENDS, ...FOLLOWS, ...HEARS, ...ASKS, ...ANSWERS, ...QUEUE, ...TELLS],
  policy: [...APPENDS, ...FOLLOWS, ...HEARS, ...SERVES, ...ANSWERS],
  notification: [...APPENDS, ...FOLLOWS, ...HEARS],
  credentials: [...APPENDS, ...FOLLOWS, ...HEARS, ...ASKS, ...SERVES, ...ANSWERS],
  audit: FOLLOWS,
};

/** Notification where people decide in chat: it is called there, and calls policy; a card a second is all it posts. */
export const IN_CHAT: Victim = {
  service: 'notification',
  places: [...PASSED.notification, ...ASKS, ...ANSWERS],
  passMs: 6_000,
};

const planOf = ({ stack, only }: KillerOptions, seed: Seed, kills: number): readonly Kill[] => {
  const infrastructure = [stack.nats.name, stack.eventStore.name];
  return Array.from({ length: kills }, (): Kill => {
    const pause = { afterMs: seed.between(0, 300), downMs: seed.between(0, 500) };
    if (only === undefined && seed.between(1, INFRASTRUCTURE_IN) === 1)
      return { ...pause, process: seed.pick(infrastructure), at: undefined };
    const service = only?.service ?? seed.pick(SERVICE_NAMES);
    const process = seed.pick(stack.replicas(service)).name;
    const places = only?.places ?? PASSED[service];
    return { ...pause, process, at: seed.chance(0.6) ? seed.pick(places) : undefined };
  });
};

/**
 * Several killers at once, each with a plan of its own that the seed alone decides. Who is dead is left alone by the
 * others, and whoever was killed is started again and left alone until it is ready.
 */
export const killAtRandom = async (options: KillerOptions): Promise<void> => {
  const { seed, kills, killers } = options;
  const busy = new Map<string, Promise<void>>();
  let done = 0;
  const work = async (killer: number): Promise<void> => {
    const share = Math.floor((kills + killer) / killers);
    for (const kill of planOf(options, seed.fork(`killer ${killer}`), share)) {
      await delay(kill.afterMs);
      while (busy.has(kill.process)) await busy.get(kill.process);
      const killed = carryOut(options, kill).finally(() => busy.delete(kill.process));
      busy.set(kill.process, killed);
      await killed;
      options.onKill((done += 1));
    }
  };
  await Promise.all(Array.from({ length: killers }, (_, killer) => work(killer)));
};

const carryOut = async ({ stack, report, only }: KillerOptions, kill: Kill): Promise<void> => {
  const process = stack.processes.find(({ name }) => name === kill.process);
  if (process === undefined) throw new Error(`The stack has no ${kill.process}.`);
  const diedThere = kill.at !== undefined && (await diesAt(process, kill.at, only?.passMs ?? PASS_MS));
  if (!diedThere) await process.kill('SIGKILL');
  report.injected(diedThere ? `kill ${kill.at ?? ''}` : `kill ${kill.process.replace(/-\d+$/, '')} anywhere`);
  await delay(kill.downMs);
  process.start();
  await process.whenReady();
};

/** False where it doesn't come past the place in time. */
const diesAt = async (process: ManagedProcess, name: FailpointName, passMs: number): Promise<boolean> => {
  const order: Order = { order: 'die-at', name };
  const died = process.ended.then(() => true);
  // It may die before it has answered the order that it shall.
  await process.order(order).catch(() => undefined);
  const giveUp = new AbortController();
  const late = delay(passMs, false, { signal: giveUp.signal }).catch(() => false);
  return Promise.race([died, late]).finally(() => giveUp.abort());
};

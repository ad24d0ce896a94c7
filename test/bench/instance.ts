import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseEntity } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import { natsServerPath } from '@countersign/testing';
import { Child } from './child.ts';
import type { Tokens } from './journeys.ts';
import type { Part } from './process-usage.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const TOKEN_MS = 3_600_000;

/** One requester asks as fast as it is answered, and leaves open what it is measured with. */
export const UNCAPPED = { COUNTERSIGN_REQUESTER_RATE: '100000', COUNTERSIGN_REQUESTER_OPEN: '100000' };

export interface InstanceSettings {
  readonly dataFolder: string;
  /** Compiled all-in-one unless told. */
  readonly main?: string | undefined;
  readonly nodeArgs?: readonly string[];
  /** COUNTERSIGN_EVENT_STORE; a log of its own unless told. */
  readonly eventStore?: string;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What load can be put on. */
export interface Target {
  readonly address: string;
  readonly tokens: Tokens;
  readonly pid: number;
  /** Whose processor time is told apart; without them none is. */
  readonly parts?: readonly Part[];
  stop(): Promise<void>;
}

export interface Instance extends Target {
  /** From the start of the process until `/health/ready` says yes, every view built. */
  readonly readyMs: number;
}

/** A process on its views' first day: they are removed, so that building them is a part of each start. */
export const startInstance = async ({
  dataFolder,
  main,
  nodeArgs = [],
  eventStore,
  env = {},
}: InstanceSettings): Promise<Instance> => {
  rmSync(join(dataFolder, 'views'), { recursive: true, force: true });
  const startedMs = performance.now();
  const child = await Child.start({
    main: main ?? inRoot('apps/all-in-one/dist/main.js'),
    nodeArgs,
    announcement: /listens at\s+(http:\S+)/,
    env: {
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_DATA: dataFolder,
      COUNTERSIGN_POLICIES: inRoot('deploy/samples/acme'),
      COUNTERSIGN_NATS_SERVER: natsServerPath(),
      ...UNCAPPED,
      ...(eventStore !== undefined && { COUNTERSIGN_EVENT_STORE: eventStore }),
      ...env,
    },
  });
  const address = child.announced;
  await untilReady(address);
  return {
    address,
    readyMs: performance.now() - startedMs,
    tokens: await mintTokens(dataFolder),
    pid: child.pid,
    stop: () => child.stop(),
  };
};

/** For whoever trusts the development issuer of this folder. */
export const mintTokens = async (dataFolder: string): Promise<Tokens> => {
  const token = (as: string): Promise<string> =>
    mintDevelopmentToken(dataFolder, { as: parseEntity(as), ttlMs: TOKEN_MS }, Date.now());
  return { requester: await token('Agent::"etl-bot"'), approver: await token('User::"alice"') };
};

const untilReady = async (address: string): Promise<void> => {
  while (!(await fetch(`${address}/health/ready`)).ok) await delay(20);
};

/** Nothing here is verified by the floor; a token is only carried, and is as long as a real one. */
export const startFloor = async (): Promise<Target> => {
  const child = await Child.start({
    main: fileURLToPath(new URL('floor-server.ts', import.meta.url)),
    announcement: /listens at (\S+)/,
    env: { COUNTERSIGN_NATS_SERVER: natsServerPath() },
  });
  const token = 't'.repeat(430);
  return {
    address: child.announced,
    tokens: { requester: token, approver: token },
    pid: child.pid,
    stop: () => child.stop(),
  };
};

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseEntity } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import { natsServerPath } from '@countersign/testing';
import { Child } from './child.ts';
import type { Tokens } from './journeys.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const TOKEN_MS = 3_600_000;

export interface InstanceSettings {
  readonly dataFolder: string;
  /** Compiled all-in-one unless told. */
  readonly main?: string | undefined;
  readonly nodeArgs?: readonly string[];
}

/** What load can be put on. */
export interface Target {
  readonly address: string;
  readonly tokens: Tokens;
  readonly pid: number;
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
      // One requester asks as fast as it is answered.
      COUNTERSIGN_REQUESTER_RATE: '100000',
    },
  });
  const address = child.announced;
  await untilReady(address);
  const token = (as: string): Promise<string> =>
    mintDevelopmentToken(dataFolder, { as: parseEntity(as), ttlMs: TOKEN_MS }, Date.now());
  return {
    address,
    readyMs: performance.now() - startedMs,
    tokens: { requester: await token('Agent::"etl-bot"'), approver: await token('User::"alice"') },
    pid: child.pid,
    stop: () => child.stop(),
  };
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

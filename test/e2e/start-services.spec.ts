import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_KEYS } from '@countersign/contracts';
import { freePort, inRepository, NODE, RunningProgram } from '@countersign/dev-stack';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { natsServerPath } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './harness/chat.ts';
import { cli, type CliEnding } from './harness/cli.ts';
import { processesNaming } from './harness/processes.ts';
import { takeTheTour } from './harness/readme-tour.ts';

const START_MS = 90_000;
const POLL = { timeout: 30_000 };

const dataFolder = mkdtempSync(join(tmpdir(), 'countersign-services-'));
let chat: Chat;
let stack: RunningProgram;
let address: string;

/** What `npm run start:services` runs once everything is installed and built. */
const launch = async (): Promise<RunningProgram> =>
  new RunningProgram({
    program: NODE,
    args: [inRepository('libs/dev-stack/dist/main.js')],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      COUNTERSIGN_DATA: dataFolder,
      COUNTERSIGN_PORT: String(await freePort()),
      COUNTERSIGN_NATS_SERVER: natsServerPath(),
      ...chat.env,
    },
  });

const start = async (): Promise<void> => {
  stack = await launch();
  address = await stack.said(/Countersign listens at\s+(http:\S+)/);
};

const pidOf = (name: string): number => Number(new RegExp(`${name} \\((\\d+)\\)`).exec(stack.output)?.[1]);

/** Of this stack, by the environment that only its processes have. */
const its = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(dataFolder))
    .concat(processesNaming(dataFolder).map(({ pid }) => pid));

const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It ended while we looked, or is somebody else's.
    return '';
  }
};

const run = (...args: readonly string[]): Promise<CliEnding> => cli({ address, dataFolder }, ...args);

const statusOf = async (path: string, type: string): Promise<number> => {
  const init = { method: 'POST', headers: { 'content-type': type }, body: '{}' };
  return (await fetch(`${address}/v1/${path}`, init)).status;
};

beforeAll(async () => {
  chat = await Chat.start();
  await start();
}, START_MS);
afterAll(async () => {
  await stack.signal('SIGTERM');
  await chat.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

describe('npm run start:services', () => {
  it("serves the README's tour", () => takeTheTour({ address, dataFolder }, () => stack.output), START_MS);

  it('gives each service its own private keys and no others', () => {
    const keysOf = (pid: number): string => /COUNTERSIGN_KEYS=([^\0]+)/.exec(environmentOf(pid))?.[1] ?? '';
    const held = [...SERVICE_KEYS.keys()].map((service: ServiceName) => [
      service,
      readdirSync(keysOf(pidOf(`${service}-0`))).toSorted(),
    ]);
    expect(held).toEqual(
      [...SERVICE_KEYS].map(([service, names]) => [service, names.map((name) => `${name}.pem`).toSorted()]),
    );
  });

  it('hands the settings of chat to the notification service alone, and routes chat there', async () => {
    const settings = Object.values(chat.env);
    const told = SERVICE_NAMES.filter((service) =>
      settings.some((file) => environmentOf(pidOf(`${service}-0`)).includes(file)),
    );
    expect(told).toEqual(['notification']);
    // 404 where the platform isn't configured.
    expect(await statusOf('slack/interactions', 'application/x-www-form-urlencoded')).toBe(401);
    expect(await statusOf('teams/messages', 'application/json')).toBe(401);
  });

  it(
    'refuses a folder that another works in, and says so',
    async () => {
      const second = await launch();
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.output).toContain('use another data folder');
    },
    START_MS,
  );

  it(
    'starts a service again that was killed',
    async () => {
      process.kill(pidOf('policy-0'), 'SIGKILL');
      await expect.poll(() => stack.output, POLL).toContain('policy-0 ended (SIGKILL)');
      const reviews = async (): Promise<number | null> => (await run('reviews', '--as', 'alice')).code;
      await expect.poll(reviews, POLL).toBe(0);
    },
    START_MS,
  );

  it(
    'ends everything at Ctrl-C, and goes on in the same folder',
    async () => {
      expect(await stack.signal('SIGINT')).toEqual({ code: 0, signal: null });
      await expect.poll(its, POLL).toEqual([]);
      await start();
      expect((await run('audit', 'list', '--as', 'dave')).stdout).toContain('data.export');
    },
    START_MS,
  );
});

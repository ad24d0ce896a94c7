import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { natsServerPath } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Each test starts Node from source once or twice.
vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('spec-support/sample-main.ts', import.meta.url));
const HOOK = new URL('spec-support/transpile-hook.mjs', import.meta.url).href;

let dataFolder: string;
let child: ChildProcess | undefined;

interface Running {
  readonly child: ChildProcess;
  /** The rest of the first line of stdout that begins so. */
  said(beginning: string): Promise<string>;
  logged(): string;
  /** Resolves when the log holds this. */
  logs(text: string): Promise<void>;
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const run = (settings: Record<string, string> = {}): Running => {
  const started = spawn(process.execPath, ['--conditions=@countersign/source', '--import', HOOK, MAIN], {
    env: {
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_DATA: dataFolder,
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_NATS_SERVER: natsServerPath(),
      PATH: '/usr/sbin:/usr/bin:/bin',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let log = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const lines = createInterface({ input: started.stdout });
  const ended = once(started, 'close');
  return {
    child: started,
    said: (beginning) =>
      new Promise((resolve, reject) => {
        lines.on(
          'line',
          (line) => line.startsWith(beginning) && resolve(line.slice(beginning.length).trim()),
        );
        started.once('close', () => reject(new Error(`It ended:\n${log}`)));
      }),
    logged: () => log,
    logs: (text) =>
      new Promise((resolve) => {
        const look = (): void => void (log.includes(text) && resolve());
        started.stderr.on('data', look);
        look();
      }),
    ended: async () => {
      const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
      return { code, signal };
    },
  };
};

const states = (log: string): unknown[] =>
  log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { state?: unknown }).state)
    .filter((state) => state !== undefined);

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'countersign-run-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dataFolder, { recursive: true, force: true });
});

describe('a process that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes what is in flight at %s, passes its states and exits with 0',
    async (signal) => {
      const running = run();
      const address = await running.said('serving');
      const waiting = running.said('waiting');
      const inFlight = fetch(`${address}/v1/wait`);
      await waiting;
      running.child.kill(signal);
      const response = await inFlight;
      expect([response.status, await response.json()]).toEqual([200, { drained: true }]);
      expect(await running.ended()).toEqual({ code: 0, signal: null });
      expect(states(running.logged())).toEqual(['running', 'draining', 'stopped']);
    },
  );

  it('exits with 1 where its deadline passes', async () => {
    const running = run({ COUNTERSIGN_SHUTDOWN_TIMEOUT: '50ms' });
    const address = await running.said('serving');
    const hanging = running.said('hanging');
    const inFlight = fetch(`${address}/v1/hang`).catch(() => 'cut off');
    await hanging;
    running.child.kill('SIGTERM');
    expect(await running.ended()).toEqual({ code: 1, signal: null });
    expect(await inFlight).toBe('cut off');
    expect(states(running.logged())).toEqual(['running', 'draining', 'failed']);
  });

  it('takes a Ctrl-C that comes twice, from the terminal and from a parent, for one', async () => {
    const running = run();
    const address = await running.said('serving');
    const waiting = running.said('waiting');
    const inFlight = fetch(`${address}/v1/wait`);
    await waiting;
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    expect((await inFlight).status).toBe(200);
    expect(await running.ended()).toEqual({ code: 0, signal: null });
  });

  it('exits at once at the second signal', async () => {
    const running = run({ COUNTERSIGN_SHUTDOWN_TIMEOUT: '1h' });
    const address = await running.said('serving');
    const hanging = running.said('hanging');
    const inFlight = fetch(`${address}/v1/hang`).catch(() => 'cut off');
    await hanging;
    running.child.kill('SIGTERM');
    await running.logs('draining');
    running.child.kill('SIGINT');
    expect(await running.ended()).toEqual({ code: 130, signal: null });
    expect(await inFlight).toBe('cut off');
  });

  it('starts again in the same folder', async () => {
    for (const _ of [1, 2]) {
      const running = run();
      await running.said('serving');
      running.child.kill('SIGTERM');
      expect(await running.ended()).toEqual({ code: 0, signal: null });
    }
  });
});

describe('a process that can not start', () => {
  it('exits with 78 and names the variable that is wrong', async () => {
    const running = run({ COUNTERSIGN_PORT: 'seven' });
    expect(await running.ended()).toEqual({ code: 78, signal: null });
    expect(running.logged()).toMatch(/^COUNTERSIGN_PORT: /m);
  });

  it('exits with 1 and says why otherwise', async () => {
    const running = run({ COUNTERSIGN_NATS_SERVER: '/nowhere/nats-server' });
    expect(await running.ended()).toEqual({ code: 1, signal: null });
    expect(states(running.logged())).toEqual(['failed']);
  });
});

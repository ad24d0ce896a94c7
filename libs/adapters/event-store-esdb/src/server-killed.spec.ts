import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { someEvents } from '@countersign/event-store/contract';
import { hasCode } from '@countersign/kernel';
import { GapAuditor } from '@countersign/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storeAt, temporaryFolder } from './spec-helpers.ts';

const CHILD = join(import.meta.dirname, 'server-child-spec-helpers.ts');

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** A development server in a process of its own, always at the same port and folder. */
class ServerProcess {
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
  }

  get address(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  async start(): Promise<void> {
    const args = ['--conditions=@countersign/source', CHILD, this.#folder, String(this.#port)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    await once(createInterface({ input: child.stdout }), 'line');
  }

  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
    this.#child = undefined;
  }
}

const startServer = async (): Promise<ServerProcess> => {
  const folder = temporaryFolder();
  const server = new ServerProcess(await freePort(), folder);
  await server.start();
  onTestFinished(async () => {
    await server.kill();
    rmSync(folder, { recursive: true });
  });
  return server;
};

describe('a server that is killed', () => {
  it(
    'in the middle of appends and subscriptions loses and doubles nothing',
    { timeout: 60_000 },
    async () => {
      const server = await startServer();
      const patience = { totalMs: 8_000, callMs: 1_000 };
      const store = storeAt(server.address, { pollMs: 100, patience });
      const auditor = new GapAuditor();
      const subscription = store.subscribe({ categories: ['request'] }, auditor);
      const acknowledged: { stream: string; revision: number }[] = [];
      const stopping = new AbortController();
      const write = async (writer: number): Promise<void> => {
        const stream = `request-${writer}`;
        for (let revision = 0; !stopping.signal.aborted; revision += 1) {
          const expected = revision === 0 ? 'no-stream' : revision - 1;
          await store.append(stream, expected, someEvents(stream, expected));
          acknowledged.push({ stream, revision });
        }
      };
      const writers = Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
      for (let kills = 0; kills < 3; kills += 1) {
        const before = acknowledged.length;
        await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 100);
        await server.kill();
        await server.start();
      }
      stopping.abort();
      await writers;
      await expect.poll(() => auditor.missing(acknowledged), { timeout: 10_000 }).toEqual([]);
      expect(auditor.faults).toEqual([]);
      expect(auditor.heard).toBe(acknowledged.length);
      await subscription.close();
      await store.close();
    },
  );

  it('for good leaves an append unsettled, never won', async () => {
    const server = await startServer();
    const store = storeAt(server.address, { patience: { totalMs: 500, callMs: 200 } });
    await store.append('request-1', 'no-stream', someEvents('request-1', 'no-stream'));
    const appends = Array.from({ length: 20 }, (_, index) =>
      store.append(`request-x${index}`, 'no-stream', someEvents(`request-x${index}`, 'no-stream')),
    );
    await server.kill();
    for (const outcome of await Promise.allSettled(appends)) {
      const told =
        outcome.status === 'fulfilled' ||
        hasCode(outcome.reason, 'append_uncertain') ||
        hasCode(outcome.reason, 'store_unavailable');
      expect(told).toBe(true);
    }
    await store.close();
  });
});

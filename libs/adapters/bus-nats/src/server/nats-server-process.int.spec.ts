import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsInboxPrefix } from '@countersign/contracts';
import { SystemClock } from '@countersign/kernel';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NatsBus } from '../nats-bus.ts';
import { connected, natsServerPath, silentLog } from '../testing/real-nats.ts';
import { NatsServerProcess } from './nats-server-process.ts';

let folder: string;
let servers: NatsServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-nats-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const start = async (binary = natsServerPath()): Promise<NatsServerProcess> => {
  const server = await NatsServerProcess.start({ binary, folder, log: silentLog });
  servers.push(server);
  return server;
};

interface Running {
  readonly pid: number;
  readonly args: string;
}

/** Processes that have to do with this test's server. */
const running = (): Running[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes(folder) && !line.includes('start-server-and-wait'))
    .map((line) => ({ pid: Number.parseInt(line, 10), args: line }));
const isShell = ({ args }: Running) => args.includes('countersign-supervise');
const gone = () => vi.waitFor(() => expect(running()).toEqual([]), { timeout: 5_000, interval: 50 });

const filesBelow = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('a NATS server of our own', () => {
  it('listens on loopback only, with other passwords at each start', async () => {
    const first = await start();
    expect(first.url).toMatch(/^nats:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const connection = await connect({ servers: first.url, ...first.credentials.internal });
    await connection.close();
    await first.stop();
    const second = await start();
    expect(second.credentials.internal.pass).not.toBe(first.credentials.internal.pass);
    await expect(connect({ servers: second.url, ...first.credentials.internal })).rejects.toThrow();
  });

  it('puts no password in an argument or in a file that stays', async () => {
    const { credentials } = await start();
    const texts = [
      ...running().map(({ args }) => args),
      ...filesBelow(folder).map((path) => readFileSync(path, 'utf8')),
    ].join('\n');
    expect(running().length).toBeGreaterThan(0);
    for (const { pass } of Object.values(credentials)) expect(texts).not.toContain(pass);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('comes back on the same port with the same passwords where it is killed', async () => {
    const server = await start();
    const { user, pass } = server.credentials.internal;
    const bus = new NatsBus({
      servers: server.url,
      user,
      pass,
      name: 'test',
      inboxPrefix: natsInboxPrefix('internal'),
      clock: new SystemClock(),
      log: silentLog,
    });
    bus.start();
    await connected(bus);
    const broken = bus.link.connection?.closed();
    for (const each of running().filter((it) => !isShell(it))) process.kill(each.pid, 'SIGKILL');
    await broken;
    await vi.waitFor(() => expect(bus.connected).toBe(true), 8_000);
    await bus.close();
  });

  it('is started again, and once, where only its watcher is killed', async () => {
    const server = await start();
    const connection = await connect({
      servers: server.url,
      ...server.credentials.internal,
      reconnect: false,
    });
    const shells = running().filter(isShell);
    process.kill(Math.min(...shells.map(({ pid }) => pid)), 'SIGKILL');
    await connection.closed();
    await vi.waitFor(
      async () => (await connect({ servers: server.url, ...server.credentials.internal })).close(),
      8_000,
    );
    expect(running().filter((it) => !isShell(it))).toHaveLength(1);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const server = await start();
    await server.stop();
    expect(running()).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('ends with the process that started it, by %s', async (signal) => {
    const script = join(import.meta.dirname, '../testing/start-server-and-wait.ts');
    const parent = spawn(process.execPath, ['--conditions=@countersign/source', script, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line]: unknown[] = await once(parent.stdout, 'data');
    const { url, user, pass } = JSON.parse(String(line)) as { url: string; user: string; pass: string };
    const connection = await connect({ servers: url, user, pass, reconnect: false });
    expect(running().length).toBeGreaterThan(0);
    parent.kill(signal);
    await connection.closed();
    await gone();
  });

  it.each([
    ['is missing', '/nonexistent/nats-server'],
    ['ends at once', 'false'],
  ])('says so where the program %s', async (_, binary) => {
    await expect(start(binary)).rejects.toMatchObject({ code: 'nats_server_failed' });
    await gone();
  });
});

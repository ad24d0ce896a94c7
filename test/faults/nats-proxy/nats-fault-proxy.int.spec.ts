import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { natsServerPath } from '@countersign/testing';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../e2e/harness/nats.ts';
import { FaultReport } from '../harness/report.ts';
import { Seed } from '../harness/seed.ts';
import { NatsFaultProxy } from './nats-fault-proxy.ts';

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });

let server: ChildProcess;
let port: number;
let report: FaultReport;
let proxy: NatsFaultProxy;
let clients: NatsConnection[];

beforeAll(async () => {
  port = await freePort();
  server = spawn(natsServerPath(), ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  await vi.waitFor(async () => expect(await listens(port)).toBe(true), 10_000);
});
afterAll(async () => {
  server.kill();
  if (server.exitCode === null) await once(server, 'exit');
});
beforeEach(async () => {
  report = new FaultReport();
  proxy = await NatsFaultProxy.start(port);
  clients = [];
});
afterEach(async () => {
  await proxy.close();
  await Promise.all(clients.map((client) => client.close()));
});

const client = async (pingInterval = 60_000): Promise<NatsConnection> => {
  const connection = await connect({ servers: proxy.url, reconnect: false, pingInterval });
  clients.push(connection);
  return connection;
};

const digestOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Everything that a second connection hears on `t`, each message with a digest of its payload in its headers. */
const listener = async (): Promise<{ numbers: number[]; broken: () => number }> => {
  const numbers: number[] = [];
  let broken = 0;
  const connection = await client();
  connection.subscribe('t', {
    callback: (error, { data, headers: sent }) => {
      if (error !== null || sent?.get('digest') !== digestOf(data)) broken += 1;
      numbers.push(Number(sent?.get('number')));
    },
  });
  await connection.flush();
  return { numbers, broken: () => broken };
};

const SENT = 300;

const sendAll = async (): Promise<void> => {
  const connection = await client();
  for (let number = 0; number < SENT; number += 1) {
    const data = randomBytes(number % 20 === 0 ? 100_000 : number);
    const sent = headers();
    sent.set('digest', digestOf(data));
    sent.set('number', String(number));
    connection.publish('t', data, { headers: sent });
  }
  await connection.flush();
};

describe('a NATS fault proxy before a real server', () => {
  it('changes nothing unless it is told to', async () => {
    const heard = await listener();
    await sendAll();
    await expect.poll(() => heard.numbers.length, { timeout: 10_000 }).toBe(SENT);
    expect(heard.numbers).toEqual([...Array(SENT).keys()]);
    expect([heard.broken(), report.total]).toEqual([0, 0]);
  });

  it('drops, doubles, delays and reorders whole messages, breaks none, and counts what it did', async () => {
    const heard = await listener();
    proxy.disturb({ drop: 0.1, double: 0.1, delay: 0.1, reorder: 0.1 }, { seed: new Seed(7), report });
    await sendAll();
    const arriving = (): number => SENT - report.count('nats drop') + report.count('nats double');
    await expect.poll(() => heard.numbers.length - arriving(), { timeout: 10_000 }).toBe(0);
    expect(heard.broken()).toBe(0);
    expect(heard.numbers).not.toEqual(heard.numbers.toSorted((a, b) => a - b));
    for (const fault of ['drop', 'double', 'delay', 'reorder'])
      expect(report.count(`nats ${fault}`)).toBeGreaterThan(10);
  });

  it.each(['clean', 'reset'] as const)('cuts a connection (%s), and takes the next one', async (how) => {
    const cut = await client();
    proxy.cut(how, report);
    await cut.closed();
    await (await client()).flush();
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(1);
    expect(report.toString()).toBe(`1 faults: 1 nats cut ${how}`);
  });

  it('cuts a connection half open: nobody is told, and whoever pings finds out', async () => {
    const cut = await client(100);
    proxy.cut('half-open', report);
    expect(cut.isClosed()).toBe(false);
    await cut.closed();
    expect(proxy.connections).toBe(1);
  });

  it('cuts connections by chance, in each of the ways', async () => {
    proxy.disturb({ cut: 1 }, { seed: new Seed(7), report });
    for (let count = 0; count < 30; count += 1) (await client()).publish('t');
    const cuts = (how: string): number => report.count(`nats cut ${how}`);
    await expect.poll(() => report.total, { timeout: 10_000 }).toBe(30);
    for (const how of ['clean', 'reset', 'half-open']) expect(cuts(how)).toBeGreaterThan(0);
  });

  it('isolates whoever is behind it until it is calm', async () => {
    const cut = await client();
    proxy.isolate('reset', report);
    await cut.closed();
    await expect(client()).rejects.toThrow();
    proxy.calm();
    await (await client()).flush();
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { natsInboxPrefix, type NatsUser } from '@countersign/contracts';
import { SystemClock, type Clock } from '@countersign/kernel';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { BusLog } from '../bus-log.ts';
import { NatsBus } from '../nats-bus.ts';
import { NatsServerFiles } from '../server/nats-server-files.ts';
import { SupervisedChild } from '../server/supervised-child.ts';

const PASSWORDS = { internal: 'internal-secret', requester: 'requester-secret' };

export const natsServerPath = (): string => {
  // oxlint-disable-next-line node/no-process-env -- told by the test runner, not by a service's configuration
  const { COUNTERSIGN_NATS_SERVER: given } = process.env;
  return given ?? 'nats-server';
};

export const silentLog: BusLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface RealNatsBusOptions {
  readonly clock?: Clock;
  readonly log?: BusLog;
}

/**
 * A real nats-server for tests, with the permissions of production, that goes down, comes back, and
 * forgets everything on demand, always on the same port. What was opened by it is closed by `end`.
 */
export class RealNats {
  readonly #port: number;
  readonly #ending: (() => Promise<unknown>)[] = [];
  #child: SupervisedChild | undefined;
  #folder = '';

  private constructor(port: number) {
    this.#port = port;
  }

  static async down(): Promise<RealNats> {
    return new RealNats(await freePort());
  }

  static async up(): Promise<RealNats> {
    const nats = await RealNats.down();
    await nats.start();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Starts it, empty unless it was started before. */
  async start(): Promise<void> {
    if (this.#folder === '') this.#folder = await mkdtemp(join(tmpdir(), 'countersign-nats-'));
    const files = new NatsServerFiles(this.#folder);
    await files.prepare(this.#port, PASSWORDS);
    this.#child = new SupervisedChild(natsServerPath(), ['-c', files.config]);
    while ((await files.port()) === undefined) await sleep(10);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
    this.#child = undefined;
  }

  /** Stops it and throws its store away. */
  async lose(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
    this.#folder = '';
  }

  /** A bus of the internal user, connecting. */
  bus(options: RealNatsBusOptions = {}): NatsBus {
    const bus = new NatsBus({
      servers: this.url,
      user: 'internal',
      pass: PASSWORDS.internal,
      name: 'test',
      inboxPrefix: natsInboxPrefix('internal'),
      clock: options.clock ?? new SystemClock(),
      log: options.log ?? silentLog,
    });
    bus.start();
    this.#ending.push(() => bus.close(1_000));
    return bus;
  }

  /** A bus that is connected. */
  async connectedBus(options: RealNatsBusOptions = {}): Promise<NatsBus> {
    const bus = this.bus(options);
    await connected(bus);
    return bus;
  }

  /** A bare connection, to say and hear what the bus never would. */
  async connection(user: NatsUser): Promise<NatsConnection> {
    const connection = await connect({
      servers: this.url,
      user,
      pass: PASSWORDS[user],
      inboxPrefix: natsInboxPrefix(user),
      reconnect: false,
    });
    this.#ending.push(() => connection.close());
    return connection;
  }

  async end(): Promise<void> {
    await Promise.all(this.#ending.map((close) => close()));
    await this.lose();
  }
}

/** Waits for the connection, and until the server knows of every subscription made so far. */
export const connected = async (bus: NatsBus): Promise<void> => {
  const connection = await bus.link.whenConnected(AbortSignal.timeout(10_000));
  await connection.flush();
};

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : freePort();
};

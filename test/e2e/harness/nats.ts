import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NatsBus, renderNatsServerConfig } from '@countersign/bus-nats';
import { natsInboxPrefix, type NatsUser } from '@countersign/contracts';
import { SystemClock } from '@countersign/kernel';
import { natsServerPath } from '@countersign/testing';

const PASSWORDS: Readonly<Record<NatsUser, string>> = {
  internal: 'internal-of-the-test',
  requester: 'requester-of-the-test',
};
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** A NATS server that somebody else runs, with the permissions of production, always on the same port. */
export class Nats {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-nats-'));
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    writeFileSync(
      join(this.#folder, 'nats.conf'),
      renderNatsServerConfig({
        listen: `127.0.0.1:${port}`,
        store: join(this.#folder, 'jetstream'),
        passwords: PASSWORDS,
      }),
    );
    writeFileSync(join(this.#folder, 'password'), PASSWORDS.internal, { mode: 0o600 });
  }

  /** On a port of its own, where nothing listens yet. */
  static async down(): Promise<Nats> {
    return new Nats(await freePort());
  }

  static async up(): Promise<Nats> {
    const nats = await Nats.down();
    await nats.start();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** What a process needs to use it. */
  get env(): Record<string, string> {
    return {
      NATS_URL: this.url,
      COUNTERSIGN_NATS_USER: 'internal',
      COUNTERSIGN_NATS_PASSWORD_FILE: join(this.#folder, 'password'),
    };
  }

  login(user: NatsUser): { readonly servers: string; readonly user: NatsUser; readonly pass: string } {
    return { servers: this.url, user, pass: PASSWORDS[user] };
  }

  /** A bus as a service has it, connected. */
  async bus(): Promise<NatsBus> {
    const bus = new NatsBus({
      ...this.login('internal'),
      name: 'test',
      inboxPrefix: natsInboxPrefix('internal'),
      clock: new SystemClock(),
      log: silent,
    });
    bus.start();
    await bus.link.whenConnected(AbortSignal.timeout(5_000));
    return bus;
  }

  async start(): Promise<void> {
    this.#server = spawn(natsServerPath(), ['-c', join(this.#folder, 'nats.conf')], { stdio: 'ignore' });
    while (!(await this.#listens())) await delay(10);
  }

  /** As by a crash. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = dial(this.#port, '127.0.0.1');
      const answer = (listens: boolean): void => {
        socket.destroy();
        resolve(listens);
      };
      socket.once('connect', () => answer(true)).once('error', () => answer(false));
    });
  }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICE_NAMES, SystemClock, type ServiceName } from '@countersign/kernel';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { NatsBus } from '../nats-bus.ts';
import { createNkeyFile, readNkeySeed } from '../server/nkey-file.ts';
import {
  inboxPrefixOf,
  renderRequestUsers,
  renderServicesServerConfig,
  SERVICE_LOGINS,
  type ServiceLogin,
  type TlsFiles,
} from '../server/services-server-config.ts';
import { SupervisedChild } from '../server/supervised-child.ts';
import { connected, natsServerPath, silentLog } from './real-nats.ts';

/** A real nats-server with the configuration of five services apart. `A` and `B` are requesters' tokens. */
export class ServicesNats {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-services-nats-'));
  readonly #tls: TlsFiles | undefined;
  readonly #publicKeys = new Map<string, string>();
  readonly #ending: (() => Promise<unknown>)[] = [];
  #child: SupervisedChild | undefined;
  #port = -1;

  private constructor(tls: TlsFiles | undefined) {
    this.#tls = tls;
    for (const login of [...SERVICE_LOGINS, 'A', 'B']) {
      this.#publicKeys.set(login, createNkeyFile(this.seedPath(login)));
    }
  }

  static async up(tls?: TlsFiles): Promise<ServicesNats> {
    const nats = new ServicesNats(tls);
    await nats.start();
    return nats;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  seedPath(login: string): string {
    return join(this.#folder, `${login}.nk`);
  }

  /** Starts it; again on the port it had. */
  async start(): Promise<void> {
    const ports = join(this.#folder, 'ports');
    rmSync(ports, { recursive: true, force: true });
    mkdirSync(ports);
    this.#writeConfig(ports);
    this.#child = new SupervisedChild(natsServerPath(), ['-c', join(this.#folder, 'services.conf')]);
    for (;;) {
      const [file] = await readdir(ports);
      const port = file === undefined ? undefined : /:(\d+)"/.exec(await readFile(join(ports, file), 'utf8'));
      if (port) {
        this.#port = Number(port[1]);
        return;
      }
      await sleep(10);
    }
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** A bare connection, to say and hear what a bus never would. */
  async connection(login: ServiceLogin | 'A' | 'B'): Promise<NatsConnection> {
    const connection = await connect({
      servers: this.address,
      authenticator: nkeyAuthenticator(readNkeySeed(this.seedPath(login))),
      inboxPrefix: login === 'A' || login === 'B' ? `_INBOX_${login}` : inboxPrefixOf(login),
      reconnect: false,
    });
    this.#ending.push(() => connection.close());
    return connection;
  }

  /** A bus as the service has it, connected. */
  async bus(login: ServiceLogin): Promise<NatsBus> {
    const bus = new NatsBus({
      servers: this.address,
      nkeySeed: readNkeySeed(this.seedPath(login)),
      name: `test ${login}`,
      inboxPrefix: inboxPrefixOf(login),
      clock: new SystemClock(),
      log: silentLog,
    });
    bus.start();
    this.#ending.push(() => bus.close(1_000));
    await connected(bus);
    return bus;
  }

  async end(): Promise<void> {
    await Promise.all(this.#ending.map((close) => close()));
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #writeConfig(portsFolder: string): void {
    const keyOf = (login: string): string => this.#publicKeys.get(login) ?? '';
    const services = Object.fromEntries(SERVICE_NAMES.map((service) => [service, keyOf(service)]));
    const config = renderServicesServerConfig({
      listen: `127.0.0.1:${this.#port}`,
      store: join(this.#folder, 'jetstream'),
      portsFolder,
      ...(this.#tls && { tls: this.#tls }),
      services: services as Record<ServiceName, string>,
      requestUsersFile: 'requesters.conf',
    });
    const requesters = ['A', 'B'].map((token) => ({ requesterToken: token, publicKey: keyOf(token) }));
    writeFileSync(join(this.#folder, 'services.conf'), config);
    writeFileSync(join(this.#folder, 'requesters.conf'), renderRequestUsers(keyOf('requests'), requesters));
  }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICE_NAMES, SystemClock, type ServiceName } from '@countersign/kernel';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { NatsBus } from '../nats-bus.ts';
import { createNkeyFile, readNkeyPublicKey, readNkeySeed } from '../server/nkey-file.ts';
import type { NatsCluster } from '../server/cluster-config.ts';
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

export interface ServicesNatsOptions {
  readonly tls?: TlsFiles;
  readonly cluster?: NatsCluster;
  /** Folder of seeds to share with other nodes; absent: its own. */
  readonly seeds?: string;
}

const LOGINS = [...SERVICE_LOGINS, 'A', 'B'];

/** Makes a key for everybody; answers the folder of their seeds. */
export const makeSeeds = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-seeds-'));
  for (const login of LOGINS) createNkeyFile(join(folder, `${login}.nk`));
  return folder;
};

/** A real nats-server with the configuration of five services apart. `A` and `B` are requesters' tokens. */
export class ServicesNats {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-services-nats-'));
  readonly #options: ServicesNatsOptions;
  readonly #seeds: string;
  readonly #ending: (() => Promise<unknown>)[] = [];
  #child: SupervisedChild | undefined;
  #port = -1;

  private constructor(options: ServicesNatsOptions) {
    this.#options = options;
    this.#seeds = options.seeds ?? makeSeeds();
  }

  static async up(options: ServicesNatsOptions = {}): Promise<ServicesNats> {
    const nats = new ServicesNats(options);
    await nats.start();
    return nats;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  seedPath(login: string): string {
    return join(this.#seeds, `${login}.nk`);
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

  /** A bus as the service has it, connected; to this server, or to any of `servers`. */
  async bus(login: ServiceLogin, servers: readonly string[] = [this.address]): Promise<NatsBus> {
    const bus = new NatsBus({
      servers,
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
    for (const folder of [this.#folder, this.#seeds]) rmSync(folder, { recursive: true, force: true });
  }

  #writeConfig(portsFolder: string): void {
    const keyOf = (login: string): string => readNkeyPublicKey(this.seedPath(login));
    const services = Object.fromEntries(SERVICE_NAMES.map((service) => [service, keyOf(service)]));
    const config = renderServicesServerConfig({
      listen: `127.0.0.1:${this.#port}`,
      store: join(this.#folder, 'jetstream'),
      portsFolder,
      ...(this.#options.tls && { tls: this.#options.tls }),
      ...(this.#options.cluster && { cluster: this.#options.cluster }),
      services: services as Record<ServiceName, string>,
      requestUsersFile: 'requesters.conf',
    });
    const requesters = ['A', 'B'].map((token) => ({ requesterToken: token, publicKey: keyOf(token) }));
    writeFileSync(join(this.#folder, 'services.conf'), config);
    writeFileSync(join(this.#folder, 'requesters.conf'), renderRequestUsers(keyOf('requests'), requesters));
  }
}

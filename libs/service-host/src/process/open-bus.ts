import { rmSync, writeFileSync } from 'node:fs';
import { NatsBus, NatsServerProcess, type NatsBusOptions } from '@countersign/bus-nats';
import { natsInboxPrefix } from '@countersign/contracts';
import type { Clock, ServiceName } from '@countersign/kernel';
import { ConfigError } from '../config/config-error.ts';
import { readPasswordFile } from '../config/read-password-file.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DataFolder } from './data-folder.ts';
import { serverAt, serviceLogins } from './service-logins.ts';

export interface BusOptions {
  readonly processName: string;
  readonly services: readonly ServiceName[];
  readonly config: ServiceConfig;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  /** Whether a server of our own is started where none is named. */
  readonly ownServer: boolean;
}

export interface OpenedBus {
  readonly nats: NatsBus;
  /** Where requesters publish and hear: `nats` itself where both share a login. */
  readonly requesters: NatsBus;
}

type Login = Omit<NatsBusOptions, 'name' | 'clock' | 'log'>;
type Server = Omit<Login, 'inboxPrefix'>;

/**
 * The bus of the process, and where it has to be the server too. Stopped after everything that uses it;
 * a server that is away makes the process unready, never broken.
 */
export const openBus = async (options: BusOptions): Promise<OpenedBus> => {
  const own = serviceLogins(options.config.nats, options.services);
  if (own === undefined) {
    const login = { ...(await serverFor(options)), inboxPrefix: natsInboxPrefix('internal') };
    const nats = keepBus(options, 'bus', login);
    return { nats, requesters: nats };
  }
  const nats = keepBus(options, 'bus', own.service);
  return {
    nats,
    requesters: own.requests === undefined ? nats : keepBus(options, 'requesters bus', own.requests),
  };
};

const keepBus = (options: BusOptions, name: string, login: Login): NatsBus => {
  const { processName, clock, log, lifecycle } = options;
  const bus = new NatsBus({ ...login, name: processName, clock, log });
  lifecycle.add({
    name,
    start: () => bus.start(),
    stop: async () => bus.close(),
    ready: () => (bus.connected ? undefined : `The ${name} is not connected.`),
  });
  return bus;
};

const serverFor = async (options: BusOptions): Promise<Server> => {
  const { url, user, passwordFile, caFile } = options.config.nats;
  if (url === undefined) return startServer(options);
  if (user === undefined || passwordFile === undefined) return serverAt(url, caFile);
  return {
    ...serverAt(url, caFile),
    user,
    pass: readPasswordFile('COUNTERSIGN_NATS_PASSWORD_FILE', passwordFile),
  };
};

const startServer = async ({ config, folder, log, lifecycle, ownServer }: BusOptions): Promise<Server> => {
  if (!ownServer) throw new ConfigError('NATS_URL', 'name the NATS server that the services share.');
  const server = await NatsServerProcess.start({
    binary: config.nats.serverBinary,
    folder: folder.nats,
    log,
  });
  const { internal, requester } = server.credentials;
  writeRequesterAccess(folder.natsRequester, { url: server.url, ...requester });
  lifecycle.add({
    name: 'nats-server',
    stop: async () => {
      rmSync(folder.natsRequester, { force: true });
      await server.stop();
    },
  });
  return { servers: server.url, ...internal };
};

const writeRequesterAccess = (path: string, access: Record<string, string>): void => {
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(access)}\n`, { mode: 0o600, flag: 'wx' });
};

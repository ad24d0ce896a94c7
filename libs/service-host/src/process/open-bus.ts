import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { NatsBus, NatsServerProcess } from '@countersign/bus-nats';
import { natsInboxPrefix } from '@countersign/contracts';
import type { Clock } from '@countersign/kernel';
import { ConfigError } from '../config/config-error.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DataFolder } from './data-folder.ts';

export interface BusOptions {
  readonly processName: string;
  readonly config: ServiceConfig;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  /** Whether a server of our own is started where none is named. */
  readonly ownServer: boolean;
}

interface Server {
  readonly servers: string;
  readonly user?: string;
  readonly pass?: string;
}

/**
 * The bus of the process, and where it has to be the server too. Stopped after everything that uses it;
 * a server that is away makes the process unready, never broken.
 */
export const openBus = async (options: BusOptions): Promise<NatsBus> => {
  const { processName, clock, log, lifecycle } = options;
  const bus = new NatsBus({
    ...(await serverFor(options)),
    name: processName,
    inboxPrefix: natsInboxPrefix('internal'),
    clock,
    log,
  });
  lifecycle.add({
    name: 'bus',
    start: () => bus.start(),
    stop: async () => bus.close(),
    ready: () => (bus.connected ? undefined : 'The bus is not connected.'),
  });
  return bus;
};

const serverFor = async (options: BusOptions): Promise<Server> => {
  const { url, user, passwordFile } = options.config.nats;
  if (url === undefined) return startServer(options);
  if (user === undefined || passwordFile === undefined) return { servers: url };
  return { servers: url, user, pass: readPassword(passwordFile) };
};

const readPassword = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (cause) {
    throw new ConfigError('COUNTERSIGN_NATS_PASSWORD_FILE', `${path} can't be read.`, cause);
  }
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

import { inboxPrefixOf, readNkeySeed, type NatsBusOptions, type ServiceLogin } from '@countersign/bus-nats';
import type { ServiceName } from '@countersign/kernel';
import { ConfigError } from '../config/config-error.ts';
import { requireHidden } from '../config/secret-file.ts';
import type { NatsConfig } from '../config/service-config.ts';

type Server = Pick<NatsBusOptions, 'servers' | 'tls'>;
type Login = Server & Pick<NatsBusOptions, 'nkeySeed' | 'inboxPrefix'>;

export interface ServiceLogins {
  readonly service: Login;
  /** Intake's on the requesters' account; no other service has one. */
  readonly requests: Login | undefined;
}

/** `tls://` means that a server which doesn't encrypt, or which nobody vouches for, is refused. */
export const serverAt = (url: string, caFile: string | undefined): Server => ({
  servers: url.split(','),
  ...(url.startsWith('tls://') && { tls: caFile === undefined ? {} : { caFile } }),
});

/** How a lone service logs in with keys of its own; undefined where none is configured. */
export const serviceLogins = (
  { url, nkeyFile, requestsNkeyFile, caFile }: NatsConfig,
  services: readonly ServiceName[],
): ServiceLogins | undefined => {
  if (url === undefined || nkeyFile === undefined) return undefined;
  const [service, ...others] = services;
  if (service === undefined || others.length > 0) {
    throw new ConfigError(
      'COUNTERSIGN_NATS_NKEY_FILE',
      'a key is for one service; all of them in one process log in with COUNTERSIGN_NATS_USER.',
    );
  }
  requireRequestsKey(service, requestsNkeyFile);
  const server = serverAt(url, caFile);
  return {
    service: { ...server, ...keyLogin(service, 'COUNTERSIGN_NATS_NKEY_FILE', nkeyFile) },
    requests:
      requestsNkeyFile === undefined
        ? undefined
        : { ...server, ...keyLogin('requests', 'COUNTERSIGN_NATS_REQUESTS_NKEY_FILE', requestsNkeyFile) },
  };
};

const requireRequestsKey = (service: ServiceName, requestsNkeyFile: string | undefined): void => {
  if ((service === 'intake') === (requestsNkeyFile !== undefined)) return;
  throw new ConfigError(
    'COUNTERSIGN_NATS_REQUESTS_NKEY_FILE',
    service === 'intake'
      ? "name the file of intake's key on the requesters' account."
      : `this key is intake's; ${service} has nothing to do with requesters.`,
  );
};

const keyLogin = (login: ServiceLogin, variable: string, path: string): Omit<Login, keyof Server> => {
  try {
    requireHidden(variable, path);
    return { nkeySeed: readNkeySeed(path), inboxPrefix: inboxPrefixOf(login) };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(variable, `${path} can't be read as the seed of an NKey (SU…).`, cause);
  }
};

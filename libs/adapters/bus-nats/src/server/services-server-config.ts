import {
  REQUESTS_INBOX_PREFIX,
  requesterPermissions,
  requestsPermissions,
  serviceInboxPrefix,
  servicePermissions,
} from '@countersign/contracts';
import { CodedError, SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { clusterLines, type NatsCluster } from './cluster-config.ts';
import { indented, quoted, userLines } from './config-syntax.ts';
import { PING_LINES } from './ping-lines.ts';

/** Who connects, beside requesters. `requests` is intake's second login, on the requesters' account. */
export const SERVICE_LOGINS = [...SERVICE_NAMES, 'requests'] as const;
export type ServiceLogin = (typeof SERVICE_LOGINS)[number];

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface ServicesServerConfig {
  /** `host:port`; port -1 lets the server pick a free one. */
  readonly listen: string;
  /** `host:port` of the monitoring endpoint; absent: none. */
  readonly monitoring?: string;
  /** Folder of JetStream's files. */
  readonly store: string;
  /** Folder in which the server writes down the ports it took. */
  readonly portsFolder?: string;
  /** Sync each JetStream write before it is acknowledged; needs a server of 2.10 or newer. */
  readonly syncAlways?: boolean;
  /** Paths of the server's certificate; absent in development alone: traffic carries tokens and proofs. */
  readonly tls?: TlsFiles;
  /** This node's part of a cluster; absent: a server that is alone. */
  readonly cluster?: NatsCluster;
  /** Public NKeys of the services: `U…`, or `$NAME` of an environment variable. */
  readonly services: Readonly<Record<ServiceName, string>>;
  /** Name of the file beside this one that holds `renderRequestUsers`. */
  readonly requestUsersFile: string;
}

export interface RequesterLogin {
  /** As of `requesterNatsToken`. */
  readonly requesterToken: string;
  /** Its public NKey. */
  readonly publicKey: string;
}

/** Where each login's answers arrive. */
export const inboxPrefixOf = (login: ServiceLogin): string =>
  login === 'requests' ? REQUESTS_INBOX_PREFIX : serviceInboxPrefix(login);

/**
 * A configuration file for the nats-server of five services apart: an account for the services, without
 * JetStream, and one for the requesters' queue. Neither sees a subject of the other. Who connects without one of
 * these keys is refused: there is no `no_auth_user`. A cluster counts a consumer twice while it is changed, so two
 * are allowed where there is one.
 */
export const renderServicesServerConfig = (config: ServicesServerConfig): string =>
  [
    `listen: ${quoted(config.listen)}`,
    ...(config.monitoring === undefined ? [] : [`http: ${quoted(config.monitoring)}`]),
    ...(config.portsFolder === undefined ? [] : [`ports_file_dir: ${quoted(config.portsFolder)}`]),
    'max_payload: 262144',
    'write_deadline: "5s"',
    ...PING_LINES,
    'authorization { timeout: 2 }',
    ...(config.tls === undefined ? [] : tlsLines(config.tls)),
    ...(config.cluster === undefined ? [] : clusterLines(config.cluster)),
    'jetstream {',
    `  store_dir: ${quoted(config.store)}`,
    '  max_memory_store: 16777216',
    '  max_file_store: 1073741824',
    ...(config.syncAlways === true ? ['  sync_interval: always'] : []),
    '}',
    'accounts {',
    '  COUNTERSIGN {',
    '    users: [',
    ...SERVICE_NAMES.flatMap((service) =>
      indented(userLines([nkeyLine(config.services[service])], servicePermissions(service)), 6),
    ),
    '    ]',
    '  }',
    '  COUNTERSIGN_REQUESTS {',
    '    jetstream { max_mem: 0, max_file: 1073741824, max_streams: 1, max_consumers: 2 }',
    `    include ${quoted(config.requestUsersFile)}`,
    '  }',
    '}',
    '',
  ].join('\n');

/** The users of the requesters' account: intake's login there (a key or `$NAME`), and one for each requester. */
export const renderRequestUsers = (intake: string, requesters: readonly RequesterLogin[]): string =>
  [
    'users: [',
    ...indented(userLines([nkeyLine(intake)], requestsPermissions), 2),
    ...requesters.flatMap(({ requesterToken, publicKey }) =>
      indented(
        userLines([nkeyLine(publicKey)], requesterPermissions(checkedRequesterToken(requesterToken))),
        2,
      ),
    ),
    ']',
    '',
  ].join('\n');

const tlsLines = ({ certificate, key }: TlsFiles): string[] => [
  'tls {',
  `  cert_file: ${quoted(certificate)}`,
  `  key_file: ${quoted(key)}`,
  '  timeout: 2',
  '}',
];

const nkeyLine = (key: string): string => {
  if (/^(U[A-Z2-7]{55}|\$[A-Z_][A-Z0-9_]*)$/.test(key)) return `nkey: ${key}`;
  throw new CodedError('invalid_nkey', `"${key}" is no public NKey of a user; one begins with U.`, {
    field: 'nkey',
  });
};

/** A wildcard here would open every requester's subjects. */
const checkedRequesterToken = (token: string): string => {
  if (/^[A-Za-z0-9_-]+$/.test(token)) return token;
  throw new CodedError('invalid_requester', `"${token}" is no requester's token (base64url of Type::id).`, {
    field: 'requesterToken',
  });
};

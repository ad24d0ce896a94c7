import { natsPermissions, type NatsUser } from '@countersign/contracts';
import { indented, quoted, userLines } from './config-syntax.ts';
import { PING_LINES } from './ping-lines.ts';

export interface NatsServerConfig {
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
  /** As it stands in the file: a quoted string, or `$NAME` of an environment variable. */
  readonly passwords: Readonly<Record<NatsUser, string>>;
}

const USERS: readonly NatsUser[] = ['internal', 'requester'];

/** A configuration file for the nats-server of all-in-one. Who may say and hear what comes from `natsPermissions` alone. */
export const renderNatsServerConfig = (config: NatsServerConfig): string =>
  [
    `listen: ${quoted(config.listen)}`,
    ...(config.monitoring === undefined ? [] : [`http: ${quoted(config.monitoring)}`]),
    ...(config.portsFolder === undefined ? [] : [`ports_file_dir: ${quoted(config.portsFolder)}`]),
    'max_payload: 262144',
    'write_deadline: "5s"',
    ...PING_LINES,
    'jetstream {',
    `  store_dir: ${quoted(config.store)}`,
    '  max_memory_store: 16777216',
    '  max_file_store: 1073741824',
    ...(config.syncAlways === true ? ['  sync_interval: always'] : []),
    '}',
    'authorization {',
    '  timeout: 2',
    '  users: [',
    ...USERS.flatMap((user) =>
      indented(userLines([`user: ${user}`, `password: ${config.passwords[user]}`], natsPermissions[user]), 4),
    ),
    '  ]',
    '}',
    '',
  ].join('\n');

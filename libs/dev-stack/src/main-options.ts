import { parseArgs } from 'node:util';
import type { ServiceName } from '@countersign/kernel';
import { variable } from './environment.ts';
import type { StackOptions } from './stack-options.ts';

export const HELP = `npm run start:services [-- --replicas <n>]

Runs Countersign as it runs apart, on this machine and for development alone: NATS, a development event store,
the five services as processes of their own, and a proxy that routes to them. Ctrl-C ends it all.

  --replicas <n>   how many of each service (1)
  --help           this text

  COUNTERSIGN_PORT       of the proxy (7420)
  COUNTERSIGN_DATA       folder of log, keys and views (.countersign)
  COUNTERSIGN_POLICIES   the set that an empty log takes (deploy/samples/acme)
  COUNTERSIGN_LOG_LEVEL  debug, info, warn or error (warn)
  COUNTERSIGN_SLACK, COUNTERSIGN_TEAMS   settings of chat, for the notification service (docs/slack.md, docs/teams.md)
  COUNTERSIGN_REQUEST_LINK               the link on its cards
  NATS_URL, COUNTERSIGN_EVENT_STORE   servers of yours, in place of those that it starts
`;

const MAX_REPLICAS = 9;
const LARGEST_PORT = 65_535;

/** What every service is handed on as it stands. */
const HANDED_ON = [
  'COUNTERSIGN_ISSUERS',
  'COUNTERSIGN_LOG_LEVEL',
  'COUNTERSIGN_SHUTDOWN_TIMEOUT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];
/** What the notification service is handed on besides. */
const OF_CHAT = ['COUNTERSIGN_SLACK', 'COUNTERSIGN_TEAMS', 'COUNTERSIGN_REQUEST_LINK'];
/** The login at a NATS server of somebody else's; ours has a key for each service. */
const NATS_LOGIN = [
  'COUNTERSIGN_NATS_USER',
  'COUNTERSIGN_NATS_PASSWORD_FILE',
  'COUNTERSIGN_NATS_CA_FILE',
  'COUNTERSIGN_NATS_NKEY_FILE',
];

const given = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, variable(name) ?? '']));

const withoutUnset = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

const wholeNumber = (text: string, most: number, what: string): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new Error(`${what}: "${text}" is no whole number up to ${most}.`);
};

export type MainOptions = Pick<
  StackOptions,
  'folder' | 'port' | 'replicas' | 'policies' | 'natsUrl' | 'eventStore' | 'env'
>;

/** From the command line and the environment; undefined: the help was asked for. */
export const readMainOptions = (args: readonly string[]): MainOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: { replicas: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const natsUrl = variable('NATS_URL');
  const eventStore = variable('COUNTERSIGN_EVENT_STORE');
  const policies = variable('COUNTERSIGN_POLICIES');
  const handedOn = withoutUnset(given(HANDED_ON));
  const ofChat = withoutUnset(given(OF_CHAT));
  return {
    folder: variable('COUNTERSIGN_DATA') ?? '.countersign',
    port: wholeNumber(variable('COUNTERSIGN_PORT') ?? '7420', LARGEST_PORT, 'COUNTERSIGN_PORT'),
    replicas: Math.max(1, wholeNumber(values.replicas, MAX_REPLICAS, '--replicas')),
    env: (service) => ({
      ...handedOn,
      ...(service === 'notification' && ofChat),
      ...(natsUrl === undefined ? {} : foreignLogin(service)),
    }),
    ...(policies !== undefined && { policies }),
    ...(natsUrl !== undefined && { natsUrl }),
    ...(eventStore !== undefined && { eventStore }),
  };
};

/** No key of our making: a server of somebody else's doesn't know it. */
const foreignLogin = (service: ServiceName): Record<string, string> => ({
  ...given(NATS_LOGIN),
  ...(service === 'intake' && given(['COUNTERSIGN_NATS_REQUESTS_NKEY_FILE'])),
});

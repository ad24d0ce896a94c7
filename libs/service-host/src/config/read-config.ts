import { resolve } from 'node:path';
import { parseDurationMs } from '@countersign/kernel';
import { keysFolderOf, publicFolderOf } from '@countersign/keys-file';
import { z } from 'zod';
import { admissionConfig, admissionVariables, connectionVariables } from './admission-config.ts';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { eventStoreAddress, eventStoreConfig } from './event-store-config.ts';
import { isLoopback } from './issuer-config.ts';
import { checkNatsSettings } from './nats-settings.ts';
import { readIssuers } from './read-issuers.ts';
import { requestLink } from './request-link.ts';
import { LOG_LEVELS, MODES, type ServiceConfig } from './service-config.ts';

const folder = z.string().transform((path) => resolve(path));

const duration = z.string().transform((text, context) => {
  try {
    return parseDurationMs(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'write a duration like 500ms, 20s or 1m' });
    return z.NEVER;
  }
});

const port = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,4})$/, 'give a port between 0 (any free one) and 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'give a port between 0 (any free one) and 65535');

const webAddress = z.url({ protocol: /^https?$/, error: 'give an http or https address' });

const variables = z
  .object({
    COUNTERSIGN_MODE: z.enum(MODES).default('production'),
    COUNTERSIGN_DATA: folder.prefault('.countersign'),
    COUNTERSIGN_KEYS: folder.optional(),
    COUNTERSIGN_PUBLIC_KEYS: folder.optional(),
    COUNTERSIGN_HOST: z.string().default('127.0.0.1'),
    COUNTERSIGN_PORT: port.prefault('7420'),
    COUNTERSIGN_POLICIES: folder.optional(),
    COUNTERSIGN_ISSUERS: folder.optional(),
    NATS_URL: z
      .string()
      .regex(
        /^(nats|tls):\/\/[^\s@,]+(,\1:\/\/[^\s@,]+)*$/,
        'give nats://host:port or tls://host:port, without credentials in it; for a cluster more of the same kind, with commas between',
      )
      .optional(),
    COUNTERSIGN_NATS_USER: z.string().optional(),
    COUNTERSIGN_NATS_PASSWORD_FILE: folder.optional(),
    COUNTERSIGN_NATS_NKEY_FILE: folder.optional(),
    COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: folder.optional(),
    COUNTERSIGN_NATS_CA_FILE: folder.optional(),
    COUNTERSIGN_NATS_REPLICAS: z
      .enum(['1', '3', '5'], { error: 'give 1, or 3 or 5 on a cluster of so many nodes' })
      .transform(Number)
      .optional(),
    COUNTERSIGN_NATS_SERVER: z.string().default('nats-server'),
    COUNTERSIGN_EVENT_STORE: eventStoreAddress.optional(),
    COUNTERSIGN_EVENT_STORE_USER: z.string().optional(),
    COUNTERSIGN_EVENT_STORE_PASSWORD_FILE: folder.optional(),
    ...connectionVariables,
    ...admissionVariables,
    COUNTERSIGN_SLACK: folder.optional(),
    COUNTERSIGN_TEAMS: folder.optional(),
    COUNTERSIGN_REQUEST_LINK: requestLink.optional(),
    COUNTERSIGN_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
    OTEL_EXPORTER_OTLP_ENDPOINT: webAddress.optional(),
    COUNTERSIGN_DRAIN: z
      .union([z.literal('0s').transform(() => 0), duration], {
        error: 'write a duration like 500ms, 20s or 1m, or 0s for none',
      })
      .optional(),
    COUNTERSIGN_SHUTDOWN_TIMEOUT: duration.prefault('20s'),
  })
  .refine((it) => it.COUNTERSIGN_MODE === 'production' || isLoopback(it.COUNTERSIGN_HOST), {
    path: ['COUNTERSIGN_HOST'],
    error: 'development mode listens on loopback only; its issuer signs for whoever can read the data folder',
  })
  .refine((it) => it.COUNTERSIGN_MODE === 'development' || it.COUNTERSIGN_ISSUERS !== undefined, {
    path: ['COUNTERSIGN_ISSUERS'],
    error: 'name the file of token issuers; without one nobody could be authenticated',
  })
  .refine((it) => it.COUNTERSIGN_NATS_USER === undefined || it.COUNTERSIGN_NATS_PASSWORD_FILE !== undefined, {
    path: ['COUNTERSIGN_NATS_PASSWORD_FILE'],
    error: 'name the file that holds the password of COUNTERSIGN_NATS_USER',
  })
  .refine((it) => it.COUNTERSIGN_NATS_USER === undefined || it.NATS_URL !== undefined, {
    path: ['NATS_URL'],
    error: 'COUNTERSIGN_NATS_USER is for a server of yours; give its address',
  })
  .superRefine(checkNatsSettings)
  .refine(
    (it) =>
      it.COUNTERSIGN_EVENT_STORE_USER === undefined || it.COUNTERSIGN_EVENT_STORE_PASSWORD_FILE !== undefined,
    {
      path: ['COUNTERSIGN_EVENT_STORE_PASSWORD_FILE'],
      error: 'name the file that holds the password of COUNTERSIGN_EVENT_STORE_USER',
    },
  )
  .refine(
    (it) => it.COUNTERSIGN_EVENT_STORE_USER === undefined || it.COUNTERSIGN_EVENT_STORE?.kind === 'esdb',
    {
      path: ['COUNTERSIGN_EVENT_STORE'],
      error: 'COUNTERSIGN_EVENT_STORE_USER is for EventStoreDB; give its address, esdb://host:port',
    },
  );

type Variables = z.output<typeof variables>;

/** Every variable that a process reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(variables.shape);

/** Longer than any usual look at `/health/ready` takes to come round. */
const PRODUCTION_DRAIN_MS = 5_000;

/** Nobody routes by readiness to a process on a developer's machine. */
const drainMsOf = (it: Variables): number => {
  const drainMs = it.COUNTERSIGN_DRAIN ?? (it.COUNTERSIGN_MODE === 'production' ? PRODUCTION_DRAIN_MS : 0);
  if (drainMs < it.COUNTERSIGN_SHUTDOWN_TIMEOUT) return drainMs;
  throw new ConfigError(
    'COUNTERSIGN_DRAIN',
    `it is ${drainMs} ms, a part of COUNTERSIGN_SHUTDOWN_TIMEOUT; make it shorter than that.`,
  );
};

/** An empty variable is an absent one, as shells and container files make them. */
const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));

const parseVariables = (environment: Environment): Variables => {
  const result = variables.safeParse(withoutEmpty(environment));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(String(issue?.path[0] ?? 'environment'), issue?.message ?? 'unusable', result.error);
};

const keysConfig = (it: Variables): ServiceConfig['keys'] => {
  const keys = it.COUNTERSIGN_KEYS ?? keysFolderOf(it.COUNTERSIGN_DATA);
  return { folder: keys, publicFolder: it.COUNTERSIGN_PUBLIC_KEYS ?? publicFolderOf(keys) };
};

/** Reads, checks and freezes every setting at once; the first bad one is a `ConfigError` that names it. */
export const readConfig = (environment: Environment): ServiceConfig => {
  const it = parseVariables(environment);
  return {
    mode: it.COUNTERSIGN_MODE,
    dataFolder: it.COUNTERSIGN_DATA,
    keys: keysConfig(it),
    http: {
      host: it.COUNTERSIGN_HOST,
      port: it.COUNTERSIGN_PORT,
      maxConnections: it.COUNTERSIGN_MAX_CONNECTIONS,
    },
    policiesFolder: it.COUNTERSIGN_POLICIES,
    issuers: it.COUNTERSIGN_ISSUERS === undefined ? [] : readIssuers(it.COUNTERSIGN_ISSUERS),
    eventStore: eventStoreConfig(it),
    nats: {
      url: it.NATS_URL,
      user: it.COUNTERSIGN_NATS_USER,
      passwordFile: it.COUNTERSIGN_NATS_PASSWORD_FILE,
      nkeyFile: it.COUNTERSIGN_NATS_NKEY_FILE,
      requestsNkeyFile: it.COUNTERSIGN_NATS_REQUESTS_NKEY_FILE,
      caFile: it.COUNTERSIGN_NATS_CA_FILE,
      replicas: it.COUNTERSIGN_NATS_REPLICAS,
      serverBinary: it.COUNTERSIGN_NATS_SERVER,
    },
    admission: admissionConfig(it),
    channels: { slackFile: it.COUNTERSIGN_SLACK, teamsFile: it.COUNTERSIGN_TEAMS },
    requestLink: it.COUNTERSIGN_REQUEST_LINK,
    logLevel: it.COUNTERSIGN_LOG_LEVEL,
    otlpEndpoint: it.OTEL_EXPORTER_OTLP_ENDPOINT,
    drainMs: drainMsOf(it),
    shutdownTimeoutMs: it.COUNTERSIGN_SHUTDOWN_TIMEOUT,
  };
};

import type { EsdbAddress } from '@countersign/event-store-esdb';
import type { IssuerConfig } from './issuer-config.ts';

export const MODES = ['development', 'production'] as const;
export type Mode = (typeof MODES)[number];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything a process is told from outside, parsed once and whole. Holds no secret, only paths to them. */
export interface ServiceConfig {
  readonly mode: Mode;
  /** Absolute path; created 0700. */
  readonly dataFolder: string;
  readonly keys: KeysConfig;
  readonly http: {
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    /** Connections that are kept at once; one more is closed as it opens. */
    readonly maxConnections: number;
  };
  /** Absolute path of the policy set that an empty store takes. */
  readonly policiesFolder: string | undefined;
  readonly issuers: readonly IssuerConfig[];
  readonly eventStore: EventStoreConfig;
  readonly nats: NatsConfig;
  readonly admission: AdmissionConfig;
  readonly channels: ChannelsConfig;
  /** Where people read a request, with `{id}` for its id; absent: cards hold no link. */
  readonly requestLink: string | undefined;
  readonly logLevel: LogLevel;
  /** OTLP/HTTP base address; tracing is off without it. */
  readonly otlpEndpoint: string | undefined;
  /** How long a process that stops goes on serving, unready, so that those who route to it notice. */
  readonly drainMs: number;
  /** Of the whole stop, the drain included. */
  readonly shutdownTimeoutMs: number;
}

/** Absolute paths of the settings of chat platforms; absent: that one isn't used. */
export interface ChannelsConfig {
  readonly slackFile: string | undefined;
  readonly teamsFile: string | undefined;
}

/** What intake admits. */
export interface AdmissionConfig {
  /** Requests of all requesters that wait for their evaluation. */
  readonly maxUnevaluated: number;
  readonly perRequester: RequesterCaps;
}

export interface RequesterCaps {
  /** New requests a second at length, at each replica of intake; ten seconds' worth at once. */
  readonly perSecond: number;
  /** Requests that aren't settled. */
  readonly openRequests: number;
  /** Bytes of those requests as JSON. */
  readonly openBytes: number;
  /** Calls left waiting at one replica; past it they are answered at once. */
  readonly waits: number;
}

/** Absolute paths. */
export interface KeysConfig {
  /** The private keys of this process. */
  readonly folder: string;
  /** The public keys of everybody. */
  readonly publicFolder: string;
}

export interface NatsConfig {
  /** A server run by somebody else, or the nodes of a cluster with commas between; absent: all-in-one starts its own. */
  readonly url: string | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  /** Seed of the service's own NKey, in place of user and password. */
  readonly nkeyFile?: string | undefined;
  /** Seed of intake's NKey on the requesters' account. */
  readonly requestsNkeyFile?: string | undefined;
  /** PEM file of the authorities that may vouch for a `tls://` server; absent: Node's. */
  readonly caFile?: string | undefined;
  /** On how many nodes of a cluster the queue of requests lies; absent: on one. */
  readonly replicas?: number | undefined;
  /** The `nats-server` binary of the server that all-in-one starts. */
  readonly serverBinary: string;
}

export type EventStoreConfig =
  /** Absolute path; the data folder's own log where none is named. One process holds it. */
  | { readonly kind: 'sqlite'; readonly folder: string | undefined }
  | {
      readonly kind: 'esdb';
      readonly address: EsdbAddress;
      readonly user: string | undefined;
      readonly passwordFile: string | undefined;
    };

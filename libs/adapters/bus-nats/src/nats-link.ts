import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { backoffMs, pause } from './backoff.ts';
import type { BusLog } from './bus-log.ts';
import { within } from './within.ts';

export interface NatsLinkOptions {
  readonly servers: string | readonly string[];
  readonly user?: string;
  readonly pass?: string;
  /** Seed of the NKey to log in with, in place of user and password; it never leaves the process. */
  readonly nkeySeed?: Uint8Array;
  /** Refuses a server that doesn't encrypt, or whose certificate isn't good. */
  readonly tls?: {
    /** PEM file of the authorities to trust; absent: Node's. */
    readonly caFile?: string;
  };
  /** Shown in the server's own lists of connections. */
  readonly name: string;
  readonly inboxPrefix: string;
  readonly log: BusLog;
}

const RECONNECT = { firstMs: 50, mostMs: 2_000 };
const DIAL_TIMEOUT_MS = 2_000;
/** A peer that is gone without a word is noticed after two missed pings. */
const PING_INTERVAL_MS = 5_000;

/**
 * Keeps one connection to NATS, for ever: a server that is down at start, dies or forgets everything
 * only means waiting. The client library's own reconnecting is off, because it buffers what is published
 * meanwhile and gives up for good after two refused logins; here each connection is new, and whoever
 * needs subscriptions makes them again in `onConnection`.
 */
export class NatsLink {
  readonly #options: NatsLinkOptions;
  readonly #ended = new AbortController();
  readonly #listeners = new Set<(connection: NatsConnection) => void>();
  #connection: NatsConnection | undefined;
  #keeping: Promise<void> | undefined;

  constructor(options: NatsLinkOptions) {
    this.#options = options;
  }

  /** The live connection; undefined while there is none. */
  get connection(): NatsConnection | undefined {
    return this.#connection;
  }

  /** Begins to connect and returns at once. */
  start(): void {
    this.#keeping ??= this.#keepConnected();
  }

  /** Called now where there is a connection, and at once with each new one. Returns how to stop. */
  onConnection(listener: (connection: NatsConnection) => void): () => void {
    this.#listeners.add(listener);
    if (this.#connection !== undefined) this.#tell(listener, this.#connection);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves when there is a connection; rejects when the signal aborts first. */
  whenConnected(signal: AbortSignal): Promise<NatsConnection> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const giveUp = () => {
        stop();
        reject(new Error('Stopped waiting for the bus.', { cause: signal.reason }));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      const stop = this.onConnection((connection) => {
        signal.removeEventListener('abort', giveUp);
        queueMicrotask(() => stop());
        resolve(connection);
      });
    });
  }

  /** Sends what is buffered, within the deadline, and closes for good. */
  async close(deadlineMs: number): Promise<void> {
    this.#ended.abort();
    const connection = this.#connection;
    if (connection !== undefined) {
      await within(deadlineMs, connection.flush());
      await connection.close();
    }
    await this.#keeping;
  }

  async #keepConnected(): Promise<void> {
    for (let attempt = 0; !this.#ended.signal.aborted; attempt += 1) {
      const connection = await this.#dial(attempt);
      if (connection !== undefined) {
        await this.#hold(connection);
        attempt = 0;
      }
      await pause(backoffMs(attempt, RECONNECT), this.#ended.signal);
    }
  }

  async #dial(attempt: number): Promise<NatsConnection | undefined> {
    const { servers, user, pass, nkeySeed, tls, name, inboxPrefix, log } = this.#options;
    try {
      return await connect({
        servers: typeof servers === 'string' ? servers : [...servers],
        ...(user !== undefined && { user }),
        ...(pass !== undefined && { pass }),
        ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(nkeySeed) }),
        ...(tls !== undefined && { tls }),
        name,
        inboxPrefix,
        reconnect: false,
        timeout: DIAL_TIMEOUT_MS,
        pingInterval: PING_INTERVAL_MS,
        noAsyncTraces: true,
      });
    } catch (error) {
      if (attempt === 0) log.warn('The bus is not reachable; trying on.', { error });
      return undefined;
    }
  }

  async #hold(connection: NatsConnection): Promise<void> {
    const { log } = this.#options;
    if (this.#ended.signal.aborted) return connection.close();
    this.#connection = connection;
    log.info('The bus is connected.', { server: connection.getServer() });
    const reporting = this.#reportErrors(connection);
    for (const listener of this.#listeners) this.#tell(listener, connection);
    const error = await connection.closed();
    this.#connection = undefined;
    await reporting;
    if (!this.#ended.signal.aborted) log.warn('The connection to the bus broke; reconnecting.', { error });
  }

  /** A connection may break while it is handed out; then the next one is. */
  #tell(listener: (connection: NatsConnection) => void, connection: NatsConnection): void {
    try {
      listener(connection);
    } catch (error) {
      this.#options.log.warn('A new connection to the bus could not be used.', { error });
    }
  }

  async #reportErrors(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'error')
        this.#options.log.warn('The bus refused something.', { error: status.error });
    }
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsUser } from '@countersign/contracts';
import { CodedError } from '@countersign/kernel';
import { backoffMs, pause } from '../backoff.ts';
import type { BusLog } from '../bus-log.ts';
import { NatsServerFiles } from './nats-server-files.ts';
import { SupervisedChild } from './supervised-child.ts';

export interface NatsServerProcessOptions {
  /** Path of nats-server, 2.9 or newer. */
  readonly binary: string;
  /** A folder of its own, made with mode 0700: JetStream's files, and while it starts the configuration. */
  readonly folder: string;
  readonly log: BusLog;
}

export interface NatsCredentials {
  readonly user: NatsUser;
  readonly pass: string;
}

const FREE_PORT = -1;
const START_MS = 10_000;
/** A server that lived this long is started again without waiting longer than the first time. */
const CALM_MS = 10_000;
const RESTART = { firstMs: 100, mostMs: 5_000 };

const newPassword = () => randomBytes(24).toString('base64url');

/**
 * A nats-server of our own on a free loopback port, with passwords made at each start that stand in no
 * argument, no log and no lasting file. Where it dies it is started again on the same port with the same
 * passwords. It never outlives this process (see supervise-script.ts).
 */
export class NatsServerProcess {
  readonly credentials: Readonly<Record<NatsUser, NatsCredentials>> = {
    internal: { user: 'internal', pass: newPassword() },
    requester: { user: 'requester', pass: newPassword() },
  };
  readonly #options: NatsServerProcessOptions;
  readonly #files: NatsServerFiles;
  readonly #stopping = new AbortController();
  #port = FREE_PORT;
  #child: SupervisedChild | undefined;
  #supervising: Promise<void> = Promise.resolve();

  private constructor(options: NatsServerProcessOptions) {
    this.#options = options;
    this.#files = new NatsServerFiles(options.folder);
  }

  /** Resolves when the server takes connections; `nats_server_failed` where it doesn't in ten seconds. */
  static async start(options: NatsServerProcessOptions): Promise<NatsServerProcess> {
    const server = new NatsServerProcess(options);
    const child = await server.#launch();
    server.#supervising = server.#supervise(child);
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Ends the server and what watches over it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#child?.stop();
    await this.#supervising;
    await this.#files.forget();
  }

  async #supervise(first: SupervisedChild): Promise<void> {
    const { log } = this.#options;
    let running: SupervisedChild | undefined = first;
    let launchedAtMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      await running?.ended;
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - launchedAtMs > CALM_MS) attempt = 0;
      if (running !== undefined) {
        log.warn('The NATS server died; starting it again.', {
          lastWords: this.#withoutSecrets(running.lastWords),
        });
      }
      await pause(backoffMs(attempt, RESTART), this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      launchedAtMs = performance.now();
      running = await this.#relaunch();
    }
  }

  async #relaunch(): Promise<SupervisedChild | undefined> {
    try {
      return await this.#launch();
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#options.log.error('The NATS server does not start.', { error });
      return undefined;
    }
  }

  async #launch(): Promise<SupervisedChild> {
    const { internal, requester } = this.credentials;
    await this.#files.prepare(this.#port, { internal: internal.pass, requester: requester.pass });
    const child = new SupervisedChild(this.#options.binary, ['-c', this.#files.config]);
    this.#child = child;
    try {
      this.#port = await this.#readyPort(child);
      return child;
    } catch (error) {
      await child.stop();
      throw error;
    } finally {
      await this.#files.forget();
    }
  }

  async #readyPort(child: SupervisedChild): Promise<number> {
    let ended = false;
    void child.ended.then(() => (ended = true));
    for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 20) {
      const port = await this.#files.port();
      if (port !== undefined) return port;
      if (ended || this.#stopping.signal.aborted) break;
      await sleep(20);
    }
    const { binary } = this.#options;
    throw new CodedError(
      'nats_server_failed',
      `${binary} did not start; its last words were: ${this.#withoutSecrets(child.lastWords)}`,
    );
  }

  #withoutSecrets(text: string): string {
    const { internal, requester } = this.credentials;
    return text.replaceAll(internal.pass, '…').replaceAll(requester.pass, '…').trim() || '(none)';
  }
}

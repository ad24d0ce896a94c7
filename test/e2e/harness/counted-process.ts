import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedEvent } from '@countersign/event-store';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { parseEntity } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import { readConfig, SILENT_LOGGER, startProcess, type RunningProcess } from '@countersign/service-host';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { SERVICES } from '../roots/services.ts';
import { Api } from './api.ts';
import { ACME } from './countersign.ts';
import { Nats } from './nats.ts';

const TOKEN_MS = 3_600_000;

export interface Costs {
  /** Appends that were committed. */
  readonly appends: number;
  /** Each is one fsync of the write-ahead log. */
  readonly commits: number;
  /** By NATS subject; answers to calls are `answer`. */
  readonly messages: Readonly<Record<string, number>>;
}

/** All-in-one within the test's own process, its appends, commits and messages counted where they are made. */
export class CountedProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-counts-'));
  readonly #messages = new Map<string, number>();
  readonly #nats: Nats;
  #store: SqliteEventStore | undefined;
  #process: RunningProcess | undefined;
  #spy: NatsConnection | undefined;

  private constructor(nats: Nats) {
    this.#nats = nats;
  }

  static async start(): Promise<CountedProcess> {
    const counted = new CountedProcess(await Nats.up());
    await counted.#start();
    return counted;
  }

  async api(as: string): Promise<Api> {
    const identity = { as: parseEntity(as), ttlMs: TOKEN_MS };
    const token = await mintDevelopmentToken(this.#folder, identity, Date.now());
    return new Api(this.#process?.address ?? '', { authorization: `Bearer ${token}` });
  }

  async types(stream: string): Promise<readonly string[]> {
    const events: readonly RecordedEvent[] = (await this.#store?.readStream(stream)) ?? [];
    return events.map(({ type }) => type);
  }

  /** What isn't ready yet, and why. */
  async unready(): Promise<Readonly<Record<string, string>>> {
    return (await this.#process?.lifecycle.unready()) ?? {};
  }

  /** What was spent so far, and has arrived. */
  async costs(): Promise<Costs> {
    await this.#spy?.flush();
    const { appends = 0, commits = 0 } = this.#store?.counters() ?? {};
    return { appends, commits, messages: Object.fromEntries(this.#messages) };
  }

  /** When this resolves nothing is in hand any more. */
  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async dispose(): Promise<void> {
    await this.stop();
    await this.#spy?.close();
    await this.#nats.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.#spy = await this.#listen();
    const config = readConfig({
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_DATA: this.#folder,
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_POLICIES: ACME,
      ...this.#nats.env,
    });
    const decorateStore = (store: unknown): SqliteEventStore => {
      if (!(store instanceof SqliteEventStore)) throw new Error('The store is none that counts.');
      this.#store = store;
      return store;
    };
    const options = { name: 'counted', version: '0.0.0', services: SERVICES, decorateStore };
    this.#process = await startProcess(options, config, SILENT_LOGGER);
  }

  async #listen(): Promise<NatsConnection> {
    const spy = await connect({ ...this.#nats.login('internal'), inboxPrefix: '_INBOX_internal' });
    const count = (subject: string): void =>
      void this.#messages.set(subject, (this.#messages.get(subject) ?? 0) + 1);
    for (const subject of ['countersign.internal.>', 'countersign.v1.>']) {
      spy.subscribe(subject, { callback: (_error, message) => count(message.subject) });
    }
    spy.subscribe('_INBOX_internal.>', {
      callback: (_error, message) => void (isAnswer(message) && count('answer')),
    });
    await spy.flush();
    return spy;
  }
}

/** Whatever JetStream says to its consumers arrives at inboxes too. */
const isAnswer = ({ data }: Msg): boolean => /^\{"(result|error)":/.test(Buffer.from(data).toString('utf8'));

/** What `after` has more than `before`. */
export const spent = (before: Costs, after: Costs): Costs => ({
  appends: after.appends - before.appends,
  commits: after.commits - before.commits,
  messages: Object.fromEntries(
    Object.entries(after.messages)
      .map(([subject, count]) => [subject, count - (before.messages[subject] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  ),
});

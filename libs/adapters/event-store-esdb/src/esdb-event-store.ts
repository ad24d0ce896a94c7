import { readFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { EventStoreError, firstRevision, LogSubscription, validateAppend } from '@countersign/event-store';
import type {
  AppendResult,
  Category,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  LogEnd,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from '@countersign/event-store';
import type { Deadline } from './deadline.ts';
import { Doorbell } from './doorbell.ts';
import type { EsdbAddress } from './esdb-address.ts';
import { EsdbConnection } from './esdb-connection.ts';
import { AnswerLost, storeAway } from './esdb-failure.ts';
import { EsdbLogSource, OUR_PREFIXES } from './log-source.ts';
import { persist, type Patience } from './patience.ts';
import { settleAppend, type SentAppend } from './settle-append.ts';
import { readHeadOnce, readStreamOnce } from './stream-reader.ts';
import { appendRequests } from './wire-requests.ts';

export interface EsdbEventStoreOptions {
  readonly address: EsdbAddress;
  /** Absent where the server asks for no login. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** Names the connection in the server's own logs. */
  readonly name: string;
  readonly patience?: Patience;
  /** How long a lost ring may delay a subscriber. */
  readonly pollMs?: number;
}

const PATIENCE: Patience = { totalMs: 5_000, callMs: 2_000 };
const POLL_MS = 1_000;

const openConnection = ({ address, login, name }: EsdbEventStoreOptions): EsdbConnection => {
  const { endpoints, discover, tls, tlsCaFile } = address;
  const authority = tlsCaFile === undefined ? undefined : readFileSync(tlsCaFile);
  const channel = tls ? credentials.createSsl(authority) : credentials.createInsecure();
  return new EsdbConnection({ endpoints, discover, channel, login, name });
};

/** The log on EventStoreDB or KurrentDB, of one node or many. It connects when it is first used. */
export class EsdbEventStore implements EventStore, LogEnd {
  readonly #connection: EsdbConnection;
  readonly #doorbell: Doorbell;
  readonly #patience: Patience;
  readonly #subscriptions = new Set<Subscription>();
  readonly #closing = new AbortController();

  constructor(options: EsdbEventStoreOptions) {
    this.#connection = openConnection(options);
    this.#patience = options.patience ?? PATIENCE;
    const pollMs = options.pollMs ?? POLL_MS;
    this.#doorbell = new Doorbell({ connection: this.#connection, prefixes: OUR_PREFIXES, pollMs });
  }

  /**
   * As the port says. What is answered is read back from its place, so that a success for ids that stand
   * elsewhere or with other bytes is no win; after a lost answer the same events are sent again, which the
   * server takes for the same by their ids.
   */
  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    this.#requireOpen();
    const texts = validateAppend(stream, expectedRevision, events);
    const sent = { stream, expectedRevision, events, texts };
    return persist(this.#patience, {
      attempt: async (deadline) => this.#appendOnce(sent, deadline),
      giveUp: (lost, cause) => (lost ? appendUncertain(stream, cause) : storeAway(cause)),
      signal: this.#closing.signal,
    });
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#requireOpen();
    if (options.limit === 0) return [];
    return persist(this.#patience, {
      attempt: async (deadline) => readStreamOnce(this.#connection, stream, options, deadline),
      giveUp: (_lost, cause) => storeAway(cause),
      signal: this.#closing.signal,
    });
  }

  async head(): Promise<Position | undefined> {
    this.#requireOpen();
    return persist(this.#patience, {
      attempt: async (deadline) => readHeadOnce(this.#connection, OUR_PREFIXES, deadline),
      giveUp: (_lost, cause) => storeAway(cause),
      signal: this.#closing.signal,
    });
  }

  subscribe(
    { from, categories }: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    this.#requireOpen();
    const source = new EsdbLogSource({
      connection: this.#connection,
      doorbell: this.#doorbell,
      patience: this.#patience,
    });
    const subscription = new LogSubscription({ source, from, categories, subscriber });
    this.#subscriptions.add(subscription);
    const forget = (): boolean => this.#subscriptions.delete(subscription);
    subscription.ended.then(forget, forget);
    return subscription;
  }

  /** Ends the subscriptions after the batch in hand. Calls in flight fail. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#doorbell.close();
    await this.#connection.close();
  }

  async #appendOnce(sent: SentAppend, deadline: Deadline): Promise<AppendResult> {
    const { stream, expectedRevision, events } = sent;
    const answer = await this.#connection.append(appendRequests(stream, expectedRevision, events), deadline);
    const place = { from: firstRevision(expectedRevision), limit: events.length };
    const standing = await this.#readBack(stream, place, deadline);
    const result = settleAppend(sent, answer, standing);
    if (result === undefined) throw new AnswerLost(`${stream} doesn't show yet what was appended.`);
    return result;
  }

  /** The append was answered; that its place can't be read must not look as if nothing were sent. */
  async #readBack(stream: string, place: ReadOptions, deadline: Deadline): Promise<readonly RecordedEvent[]> {
    try {
      return await readStreamOnce(this.#connection, stream, place, deadline);
    } catch (cause) {
      if (cause instanceof EventStoreError) throw cause;
      throw new AnswerLost(`${stream} can't be read.`, { cause });
    }
  }

  #requireOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new EventStoreError('store_closed', 'The event store is closed.');
  }
}

const appendUncertain = (stream: string, cause: unknown): EventStoreError =>
  new EventStoreError('append_uncertain', `No answer settled an append to ${stream}; reload it.`, { cause });

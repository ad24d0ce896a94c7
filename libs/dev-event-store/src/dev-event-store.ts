import { setTimeout as delay } from 'node:timers/promises';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Metadata, sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import type { EventStore, LogEnd } from '@countersign/event-store';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { SystemClock, type Clock } from '@countersign/kernel';
import { Faults } from './faults.ts';
import { Logins } from './logins.ts';
import { clusterAnswer } from './protocol.ts';
import { accessDenied, errorOf, notLeader, unauthenticated, unavailable, type Refusal } from './refusal.ts';
import { serveFaultyAppend } from './serve-append.ts';
import { serveRead } from './serve-read.ts';
import type { ReadCall } from './serve-subscription.ts';

export interface DevEventStoreOptions {
  /** Of the SQLite store; this process holds it alone. */
  readonly folder: string;
  /** One node per port; the first leads. 0 is any free port. */
  readonly ports?: readonly number[];
  /** Passwords by user; absent: nobody is asked. */
  readonly users?: Readonly<Record<string, string>>;
  readonly clock?: Pick<Clock, 'nowMs'>;
}

const HOST = '127.0.0.1';

interface Node {
  readonly server: Server;
  readonly port: number;
}

type AppendCall = ServerReadableStream<streams.AppendReq, streams.AppendResp>;
type Answer<Message> = sendUnaryData<Message>;

/**
 * **A tool for tests and development, not a database for production.** It serves the EventStoreDB protocol, as
 * far as Countersign uses it and with its idempotency, over our SQLite store, on loopback and without TLS.
 * It can play a cluster of several nodes, of which one leads, and it can be told what goes wrong.
 */
export class DevEventStore {
  readonly faults = new Faults();
  readonly #store: SqliteEventStore;
  readonly #logins: Logins;
  readonly #truncations = new Map<string, number>();
  readonly #nodes: Node[] = [];
  #leader = 0;

  private constructor(store: SqliteEventStore, logins: Logins) {
    this.#store = store;
    this.#logins = logins;
  }

  static async start({ folder, ports = [0], users, clock }: DevEventStoreOptions): Promise<DevEventStore> {
    const store = await SqliteEventStore.open({ folder, clock: clock ?? new SystemClock() });
    const dev = new DevEventStore(store, new Logins(users));
    try {
      for (const port of ports) await dev.#listen(port);
    } catch (error) {
      await dev.close();
      throw error;
    }
    return dev;
  }

  /** `esdb://127.0.0.1:<port>[,…]?tls=false` */
  get address(): string {
    return `esdb://${this.#ports.map((port) => `${HOST}:${port}`).join(',')}?tls=false`;
  }

  /** The store behind it, for tests that look at or write the truth itself. */
  get store(): EventStore & LogEnd {
    return this.#store;
  }

  /** Another node leads from now on. */
  lead(node: number): void {
    this.#leader = node;
  }

  /** What an administrator could do to a stream; beyond its head it is a soft deletion. */
  truncate(stream: string, before: number): void {
    this.#truncations.set(stream, before);
  }

  /** Cuts every connection; new ones are taken. */
  cutConnections(): void {
    for (const { server, port } of this.#nodes) server.drain(`${HOST}:${port}`, 0);
  }

  /** Cuts every connection and stops. */
  async close(): Promise<void> {
    for (const { server } of this.#nodes) server.forceShutdown();
    await this.#store.close();
  }

  get #ports(): readonly number[] {
    return this.#nodes.map(({ port }) => port);
  }

  get #leaderPort(): number {
    return this.#ports[this.#leader] ?? 0;
  }

  async #listen(port: number): Promise<void> {
    const server = new Server();
    const self = this.#nodes.length;
    server.addService(StreamsService, {
      append: (call: AppendCall, answer: Answer<streams.AppendResp>) => this.#append(self, call, answer),
      read: (call: ReadCall) => void this.#read(self, call),
      delete: (_: unknown, answer: Answer<streams.DeleteResp>) => answer(accessDenied()),
      tombstone: (_: unknown, answer: Answer<streams.TombstoneResp>) => answer(accessDenied()),
    });
    server.addService(GossipService, {
      read: (_: unknown, answer: Answer<gossip.ClusterInfo>) =>
        answer(null, clusterAnswer(HOST, this.#ports, this.#leaderPort)),
    });
    server.addService(ServerFeaturesService, { getSupportedMethods });
    this.#nodes.push({ server, port: await bind(server, port) });
  }

  #refusal(node: number, metadata: Metadata): Refusal | undefined {
    if (!this.#logins.isKnown(metadata)) return unauthenticated();
    return node === this.#leader ? undefined : notLeader(HOST, this.#leaderPort);
  }

  /** Only where it is told to be: a timer costs a millisecond even for none. */
  async #late(): Promise<void> {
    const ms = this.faults.takeDelay();
    if (ms > 0) await delay(ms);
  }

  #append(node: number, call: AppendCall, answer: Answer<streams.AppendResp>): void {
    const requests: streams.AppendReq[] = [];
    call.on('data', (request: streams.AppendReq) => requests.push(request));
    call.on('end', () => void this.#answerAppend(this.#refusal(node, call.metadata), requests, answer));
  }

  async #answerAppend(
    refusal: Refusal | undefined,
    requests: readonly streams.AppendReq[],
    answer: Answer<streams.AppendResp>,
  ): Promise<void> {
    if (refusal !== undefined) return answer(refusal);
    await this.#late();
    try {
      const outcome = await serveFaultyAppend(this.#store, this.faults, requests);
      if (outcome === 'unanswered') return;
      if (outcome === 'cut') this.cutConnections();
      else if ('refusal' in outcome) answer(outcome.refusal);
      else answer(null, outcome.answer);
    } catch {
      answer(unavailable());
    }
  }

  async #read(node: number, call: ReadCall): Promise<void> {
    try {
      const refusal = this.#refusal(node, call.metadata);
      if (refusal !== undefined) throw errorOf(refusal);
      await this.#late();
      const served = { store: this.#store, truncations: this.#truncations, faults: this.faults };
      await serveRead(served, call);
    } catch (error) {
      const told = error instanceof Error && 'details' in error;
      call.emit('error', told ? error : errorOf(unavailable()));
    }
  }
}

const getSupportedMethods = (_: unknown, answer: Answer<features.SupportedMethods>): void =>
  answer(null, new features.SupportedMethods().setEventStoreServerVersion('24.10.0'));

const bind = (server: Server, port: number): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${HOST}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  );
  return promise;
};

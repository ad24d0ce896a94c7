import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';
import { grpcDeadline, monotonicMs, type Deadline } from './deadline.ts';
import { formatEndpoint, type Endpoint } from './endpoint.ts';
import { failureOf } from './esdb-failure.ts';

export interface EsdbConnectionOptions {
  readonly endpoints: readonly Endpoint[];
  /** Whether the nodes are asked which of them leads. */
  readonly discover: boolean;
  readonly channel: ChannelCredentials;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly name: string;
}

const GOSSIP_MS = 1_000;
const LEADER = gossip.MemberInfo.VNodeState.LEADER;

// A channel of its own, which looks again at once: the shared pool would keep a node that was away for a
// minute in a back-off of as long.
const CHANNEL: ClientOptions = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.min_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  'grpc.enable_retries': 0,
};

/**
 * The calls of the protocol that we use, against the node that leads. A failed call is the caller's to repeat
 * or not; the connection only sees to it that the next one goes to the right node. Reads ask the leader too:
 * a decision must not be made on what a follower hasn't heard yet.
 */
export class EsdbConnection {
  readonly #options: EsdbConnectionOptions;
  #client: Promise<StreamsClient> | undefined;
  /** Where a node said that the leader is. */
  #leader: Endpoint | undefined;
  #next = 0;

  constructor(options: EsdbConnectionOptions) {
    this.#options = options;
  }

  /** The answer of one append; the messages are its place and its events. */
  append(requests: readonly streams.AppendReq[], deadline: Deadline): Promise<streams.AppendResp> {
    return this.#call(deadline, async (client) => {
      const { promise, resolve, reject } = Promise.withResolvers<streams.AppendResp>();
      const call = client.append(this.#metadata(), { deadline: grpcDeadline(deadline) }, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
      call.on('error', reject);
      for (const request of requests) call.write(request);
      call.end();
      return promise;
    });
  }

  /** Everything that one read answers. */
  async read(
    request: streams.ReadReq,
    deadline: Deadline,
    signal?: AbortSignal,
  ): Promise<readonly streams.ReadResp[]> {
    const answers: streams.ReadResp[] = [];
    await this.#hear(request, { deadline, signal }, (answer) => void answers.push(answer));
    return answers;
  }

  /** Hears what one subscription answers, until it fails or `signal` says so. */
  listen(
    request: streams.ReadReq,
    onAnswer: (answer: streams.ReadResp) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#hear(request, { deadline: Number.POSITIVE_INFINITY, signal }, onAnswer);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await closeWhenOpen(client);
  }

  #hear(
    request: streams.ReadReq,
    { deadline, signal }: { readonly deadline: Deadline; readonly signal: AbortSignal | undefined },
    onAnswer: (answer: streams.ReadResp) => void,
  ): Promise<void> {
    return this.#call(deadline, async (client) => {
      const call = client.read(request, this.#metadata(), { deadline: grpcDeadline(deadline) });
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted === true) cancel();
      try {
        for await (const answer of call) onAnswer(answer as streams.ReadResp);
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    });
  }

  async #call<Answer>(deadline: Deadline, use: (client: StreamsClient) => Promise<Answer>): Promise<Answer> {
    const held = (this.#client ??= this.#connect(deadline));
    try {
      return await use(await held);
    } catch (error) {
      this.#learn(error, held);
      throw error;
    }
  }

  /** After a failure that another node may answer, the next call connects anew. */
  #learn(error: unknown, held: Promise<StreamsClient>): void {
    const failure = failureOf(error);
    const elsewhere = failure.kind === 'not_leader' || (failure.kind !== 'final' && this.#options.discover);
    if (!elsewhere || this.#client !== held) return;
    this.#leader = failure.kind === 'not_leader' ? failure.leader : undefined;
    this.#client = undefined;
    void closeWhenOpen(held);
  }

  async #connect(deadline: Deadline): Promise<StreamsClient> {
    const endpoint = this.#leader ?? (await this.#findLeader(deadline));
    return new StreamsClient(formatEndpoint(endpoint), this.#options.channel, CHANNEL);
  }

  /** The leader as some node tells it; the nodes take turns, and where none answers one of them is tried. */
  async #findLeader(deadline: Deadline): Promise<Endpoint> {
    const { endpoints, discover } = this.#options;
    const [first] = endpoints;
    if (first === undefined) throw new Error('An event store has at least one node.');
    if (!discover) return first;
    for (const _ of endpoints) {
      const asked = endpoints[this.#next % endpoints.length] ?? first;
      this.#next += 1;
      const leader = await this.#askLeader(asked, Math.min(deadline, monotonicMs() + GOSSIP_MS));
      if (leader !== undefined) return leader;
    }
    return endpoints[this.#next % endpoints.length] ?? first;
  }

  async #askLeader(asked: Endpoint, deadline: Deadline): Promise<Endpoint | undefined> {
    const client = new GossipClient(formatEndpoint(asked), this.#options.channel, CHANNEL);
    const { promise, resolve } = Promise.withResolvers<gossip.ClusterInfo | undefined>();
    client.read(
      new shared.Empty(),
      this.#metadata(),
      { deadline: grpcDeadline(deadline) },
      (error, cluster) => resolve(error === null ? cluster : undefined),
    );
    const cluster = await promise;
    client.close();
    return cluster === undefined ? undefined : leaderOf(cluster);
  }

  #metadata(): Metadata {
    const { name, login } = this.#options;
    const metadata = new Metadata();
    metadata.set('connection-name', name);
    metadata.set('requires-leader', 'true');
    if (login !== undefined) {
      const basic = Buffer.from(`${login.user}:${login.password}`, 'utf8').toString('base64');
      metadata.set('authorization', `Basic ${basic}`);
    }
    return metadata;
  }
}

const leaderOf = (cluster: gossip.ClusterInfo): Endpoint | undefined => {
  const leader = cluster
    .getMembersList()
    .find((member) => member.getIsAlive() && member.getState() === LEADER)
    ?.getHttpEndPoint();
  return leader === undefined ? undefined : { host: leader.getAddress(), port: leader.getPort() };
};

const closeWhenOpen = async (client: Promise<StreamsClient>): Promise<void> => {
  (await client.catch(() => undefined))?.close();
};

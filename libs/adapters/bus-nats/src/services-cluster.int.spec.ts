import { REAUTHORIZE, REQUESTS_JETSTREAM, requestNatsSubject } from '@countersign/contracts';
import type { RequestVerdict, SubmittedRequest } from '@countersign/bus';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RequestIntakeQueue } from './request-queue/request-intake-queue.ts';
import { silentLog } from './testing/real-nats.ts';
import { ServicesCluster } from './testing/services-cluster.ts';

interface QueueInfo {
  readonly config?: { readonly num_replicas: number };
  readonly state?: { readonly messages: number };
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly current: boolean }[];
  };
}

/** A leader is elected within seconds; a busy machine may take longer. */
const PATIENCE = { timeout: 40_000, interval: 100 };
const DEADLINE = { deadlineMs: 5_000 };

let cluster: ServicesCluster;
beforeAll(async () => {
  cluster = await ServicesCluster.up();
});
afterAll(() => cluster.end());

const queueSeenBy = async (connection: NatsConnection): Promise<QueueInfo> => {
  const answer = await connection.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`, '', {
    timeout: 2_000,
  });
  return answer.json();
};

const waiting = (connection: NatsConnection, messages: number): Promise<void> =>
  vi.waitFor(async () => expect((await queueSeenBy(connection)).state?.messages).toBe(messages), PATIENCE);

/** The name of the node that leads the queue, once every node has it. */
const leaderOf = (connection: NatsConnection): Promise<string> =>
  vi.waitFor(async () => {
    const { config, cluster: nodes } = await queueSeenBy(connection);
    expect(config?.num_replicas).toBe(3);
    expect(nodes?.replicas?.map(({ current }) => current)).toEqual([true, true]);
    if (nodes?.leader === undefined) throw new Error('The queue has no leader yet.');
    return nodes.leader;
  }, PATIENCE);

const consume = async (
  handler: (request: SubmittedRequest) => Promise<RequestVerdict>,
): Promise<() => Promise<void>> => {
  const { link } = await cluster.node('nats-1').bus('requests', cluster.addresses);
  return new RequestIntakeQueue({ link, log: silentLog, replicas: 3 }).consume(handler);
};

describe('a cluster of three', { timeout: 150_000 }, () => {
  it('carries calls from node to node, and on by another node where one died', async () => {
    const [one, two] = [cluster.node('nats-1'), cluster.node('nats-2')];
    const serving = await two.bus('policy');
    serving.serve(REAUTHORIZE.natsSubject, 'countersign', async () => 'here');
    await serving.link.connection?.flush();
    const asking = await one.bus('credentials', cluster.addresses);
    const ask = () => asking.request(REAUTHORIZE.natsSubject, {}, DEADLINE);
    await vi.waitFor(async () => expect(await ask()).toBe('here'), PATIENCE);
    await one.stop();
    await vi.waitFor(async () => expect(await ask()).toBe('here'), PATIENCE);
    await one.start();
  });

  it('keeps what waits on every node, and hands it over after the leading node died', async () => {
    const got = new Set<string>();
    let taking = false;
    const stop = await consume(async ({ data }) => {
      if (taking) got.add(Buffer.from(data).toString());
      return taking ? 'ack' : 'retry';
    });
    const requester = await cluster.node('nats-1').connection('A');
    const watching = await cluster.node('nats-1').connection('requests');
    await leaderOf(watching);
    for (const request of ['1', '2', '3']) requester.publish(requestNatsSubject('A'), request);
    await waiting(watching, 3);
    const leader = await leaderOf(watching);
    const [survivor = ''] = cluster.others(leader);
    const surviving = await cluster.node(survivor).connection('requests');
    await cluster.node(leader).stop();
    taking = true;
    await vi.waitFor(() => expect([...got].toSorted()).toEqual(['1', '2', '3']), PATIENCE);
    await waiting(surviving, 0);
    await stop();
  });
});

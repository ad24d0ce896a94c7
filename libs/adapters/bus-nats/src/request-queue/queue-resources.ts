import { isDeepStrictEqual } from 'node:util';
import {
  AckPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstream,
  jetstreamManager,
  type Consumer,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { REQUESTS_CONSUMER, REQUESTS_JETSTREAM, requestNatsSubject } from '@countersign/contracts';

/** How long a replica may be silent about a request that it holds before another one gets it. */
export const ACK_WAIT_MS = 2_000;
/** Many requesters' full queues: what one has waiting for another try holds up nobody else's. */
const MAX_UNSETTLED = 16_384;
const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;

/**
 * - `no_ack`: nobody may take JetStream's receipt for acceptance, and no requester can have the server
 *   send one to an internal subject that it names as its reply.
 * - The smallest duplicate window: ids are the requester's word, and one could silence another's request.
 * - A requester subject holds so many waiting requests and no more, and new ones are refused, so that a
 *   flood on one displaces nothing that waits.
 */
const jetStreamConfig = {
  name: REQUESTS_JETSTREAM,
  subjects: [requestNatsSubject('*')],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  discard_new_per_subject: true,
  max_msgs_per_subject: 1_000,
  max_bytes: 268_435_456,
  max_msg_size: 131_072,
  no_ack: true,
  duplicate_window: nanos(100),
};

const consumerConfig = {
  durable_name: REQUESTS_CONSUMER,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(ACK_WAIT_MS),
  max_deliver: -1,
  max_ack_pending: MAX_UNSETTLED,
};

/**
 * The queue's consumer; made with its JetStream where the server has none (any more), each on so many nodes of the
 * cluster. A consumer has as many as its JetStream.
 */
export const ensureConsumer = async (connection: NatsConnection, replicas: number): Promise<Consumer> => {
  const manager = await jetstreamManager(connection);
  await ensureJetStream(manager, replicas);
  await ensureDurable(manager);
  return jetstream(connection).consumers.get(REQUESTS_JETSTREAM, REQUESTS_CONSUMER);
};

/**
 * Looks before it makes or changes anything: a cluster counts what is there against the account's limits even where
 * it is asked for once more, and each change has to be agreed on by its nodes. Of two replicas that make it at once
 * one may be refused; it looks again when the queue is next opened.
 */
const ensureJetStream = async (manager: JetStreamManager, replicas: number): Promise<void> => {
  const wanted = { ...jetStreamConfig, num_replicas: replicas };
  const found = await unlessMissing(manager.streams.info(REQUESTS_JETSTREAM), STREAM_NOT_FOUND);
  if (found === undefined) await manager.streams.add(wanted);
  else if (!agrees(wanted, found.config)) await manager.streams.update(REQUESTS_JETSTREAM, wanted);
};

const ensureDurable = async (manager: JetStreamManager): Promise<void> => {
  const found = await unlessMissing(
    manager.consumers.info(REQUESTS_JETSTREAM, REQUESTS_CONSUMER),
    CONSUMER_NOT_FOUND,
  );
  if (found === undefined) await manager.consumers.add(REQUESTS_JETSTREAM, consumerConfig);
  else if (!agrees(consumerConfig, found.config)) {
    await manager.consumers.update(REQUESTS_JETSTREAM, REQUESTS_CONSUMER, consumerConfig);
  }
};

const unlessMissing = async <T>(asking: Promise<T>, missing: number): Promise<T | undefined> => {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === missing) return undefined;
    throw error;
  }
};

/** Of what we ask for; the server's own defaults stand beside it. */
const agrees = (wanted: object, found: object): boolean => {
  const has = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(has.get(key), value));
};

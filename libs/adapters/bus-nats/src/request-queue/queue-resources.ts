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

/** How long a replica may hold a request before another one gets it. */
const ACK_WAIT_MS = 10_000;
const MAX_UNSETTLED = 512;
const STREAM_NAME_IN_USE = 10_058;
const CONSUMER_EXISTS = 10_148;

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

/** The queue's consumer; made with its JetStream where the server has none (any more). */
export const ensureConsumer = async (connection: NatsConnection): Promise<Consumer> => {
  const manager = await jetstreamManager(connection);
  await ensureJetStream(manager);
  await ensureDurable(manager);
  return jetstream(connection).consumers.get(REQUESTS_JETSTREAM, REQUESTS_CONSUMER);
};

const hasApiCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

const ensureJetStream = async (manager: JetStreamManager): Promise<void> => {
  try {
    await manager.streams.add(jetStreamConfig);
  } catch (error) {
    if (!hasApiCode(error, STREAM_NAME_IN_USE)) throw error;
    await manager.streams.update(REQUESTS_JETSTREAM, jetStreamConfig);
  }
};

const ensureDurable = async (manager: JetStreamManager): Promise<void> => {
  try {
    await manager.consumers.add(REQUESTS_JETSTREAM, consumerConfig);
  } catch (error) {
    if (!hasApiCode(error, CONSUMER_EXISTS)) throw error;
    await manager.consumers.update(REQUESTS_JETSTREAM, REQUESTS_CONSUMER, consumerConfig);
  }
};

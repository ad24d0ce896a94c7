import type { RequestQueue, RequestVerdict, SubmittedRequest } from '@countersign/bus';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { backoffMs, pause } from '../backoff.ts';
import type { BusLog } from '../bus-log.ts';
import { InFlight } from '../in-flight.ts';
import type { NatsLink } from '../nats-link.ts';
import { ACK_WAIT_MS, ensureConsumer } from './queue-resources.ts';
import { toSubmittedRequest } from './submitted-request.ts';

export interface RequestIntakeQueueOptions {
  readonly link: NatsLink;
  readonly log: BusLog;
  /** Most requests handled at once by this replica. */
  readonly maxInHand?: number;
  /** On how many nodes of the cluster the queue lies; 1 where the server is alone. */
  readonly replicas?: number;
}

type Handler = (request: SubmittedRequest) => Promise<RequestVerdict>;

const REDELIVERY = { firstMs: 200, mostMs: 30_000 };
const REOPEN = { firstMs: 100, mostMs: 2_000 };
const PULL_MS = 5_000;
/** A queue that vanished without a word is noticed after two missed heartbeats. */
const HEARTBEAT_MS = 1_000;
const CLOSE_MS = 5_000;

/**
 * The queue over JetStream: one work queue, one durable pull consumer shared by all replicas. Where the
 * server is away, or comes back empty, both are made again; what waited in a lost store is lost, as nobody
 * had been told `accepted`.
 */
export class RequestIntakeQueue implements RequestQueue {
  readonly #options: Required<RequestIntakeQueueOptions>;

  constructor(options: RequestIntakeQueueOptions) {
    this.#options = { maxInHand: 32, replicas: 1, ...options };
  }

  consume(handler: Handler): () => Promise<void> {
    const consuming = new Consuming(this.#options, handler);
    return () => consuming.stop();
  }
}

class Consuming {
  readonly #options: Required<RequestIntakeQueueOptions>;
  readonly #handler: Handler;
  readonly #stopping = new AbortController();
  readonly #inHand = new InFlight();
  readonly #running: Promise<void>;
  #pulling: ConsumerMessages | undefined;

  constructor(options: Required<RequestIntakeQueueOptions>, handler: Handler) {
    this.#options = options;
    this.#handler = handler;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pulling?.stop();
    await this.#running;
    await this.#inHand.idle(CLOSE_MS);
  }

  async #run(): Promise<void> {
    const { link, log, replicas } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const consumer = await ensureConsumer(await link.whenConnected(signal), replicas);
        attempt = 0;
        while (!signal.aborted) await this.#pullBatch(consumer);
      } catch (error) {
        if (!signal.aborted) log.warn('The queue of requests is interrupted; opening it again.', { error });
      }
      await pause(backoffMs(attempt, REOPEN), signal);
    }
  }

  /** Messages are handled as they arrive, as many as there is room for: a slow one holds up no other. */
  async #pullBatch(consumer: Consumer): Promise<void> {
    const { maxInHand } = this.#options;
    await this.#inHand.below(maxInHand, this.#stopping.signal);
    const messages = await consumer.fetch({
      max_messages: Math.max(1, maxInHand - this.#inHand.size),
      expires: PULL_MS,
      idle_heartbeat: HEARTBEAT_MS,
    });
    this.#pulling = messages;
    if (this.#stopping.signal.aborted) messages.stop();
    for await (const message of messages) void this.#inHand.track(() => this.#settle(message));
  }

  async #settle(message: JsMsg): Promise<void> {
    const holding = setInterval(() => this.#hold(message), ACK_WAIT_MS / 4);
    const verdict = await this.#verdictOf(message);
    clearInterval(holding);
    try {
      if (verdict === 'ack') message.ack();
      else message.nak(backoffMs(message.info.deliveryCount - 1, REDELIVERY));
    } catch (error) {
      this.#options.log.warn('A request could not be settled; it will come again.', { error });
    }
  }

  /** Slow is not dead: no other replica shall begin it meanwhile. */
  #hold(message: JsMsg): void {
    try {
      message.working();
    } catch {
      // The connection broke; the request comes again over the next one.
    }
  }

  async #verdictOf(message: JsMsg): Promise<RequestVerdict> {
    const request = toSubmittedRequest(message);
    if (request === undefined) return 'ack';
    try {
      return await this.#handler(request);
    } catch (error) {
      this.#options.log.error('Handling a request failed; it will come again.', { error });
      return 'retry';
    }
  }
}

import {
  BusError,
  type Bus,
  type Doorbell,
  type Hearing,
  type RequestOptions,
  type RequesterOutlet,
  type StopHearing,
} from '@countersign/bus';
import { doorbellNatsSubject } from '@countersign/contracts';
import { MAX_BODY_BYTES } from '@countersign/domain-action';
import type { Clock, Json } from '@countersign/kernel';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { context } from '@opentelemetry/api';
import { newBusCounters, type BusCounters, type BusStats } from './bus-stats.ts';
import { CallServer, type CallHandler } from './call-server.ts';
import { decodeDoorbell, encodeDoorbell } from './doorbell-codec.ts';
import { InFlight } from './in-flight.ts';
import { decodeAnswer, encodeMessage } from './message-codec.ts';
import { callHeaders, traceContextOf, traceHeaders } from './message-headers.ts';
import { NatsLink, type NatsLinkOptions } from './nats-link.ts';
import { sendCall } from './send-call.ts';
import { inSendSpan } from './spans.ts';
import { standingSubscription, type Standing } from './subscriptions.ts';

export interface NatsBusOptions extends NatsLinkOptions {
  readonly clock: Clock;
}

export interface Serving {
  /** Takes no more calls, and waits for those in hand: true where all ended within the deadline. */
  drain(deadlineMs: number): Promise<boolean>;
}

/** Most to wait for one round trip to the server while closing: no caller waits longer for an answer either. */
const FLUSH_MS = 2_500;

/** The bus over core NATS. `start` connects in the background; nothing here waits for the server. */
export class NatsBus implements Bus, RequesterOutlet {
  readonly link: NatsLink;
  readonly #options: NatsBusOptions;
  readonly #counters: BusCounters = newBusCounters();
  readonly #calls: CallServer;
  readonly #inFlight = new InFlight();
  readonly #standing = new Set<Standing>();

  constructor(options: NatsBusOptions) {
    this.#options = options;
    this.link = new NatsLink(options);
    this.#calls = new CallServer({ clock: options.clock, log: options.log, counters: this.#counters });
  }

  get connected(): boolean {
    return this.link.connection !== undefined;
  }

  /** A copy of the counts so far. */
  get stats(): BusStats {
    return structuredClone(this.#counters);
  }

  start(): void {
    this.link.start();
  }

  ring(doorbell: Doorbell): void {
    this.#publish('doorbell', doorbellNatsSubject(doorbell.category), () => encodeDoorbell(doorbell));
  }

  announce(natsSubject: string, message: Json): void {
    this.#publish('announcement', natsSubject, () => encodeMessage(message));
  }

  hear({ category, queue }: Hearing, onRing: (doorbell: Doorbell) => void | Promise<void>): StopHearing {
    const standing = this.#stand(doorbellNatsSubject(category), queue, (message) => {
      this.#counters.received.doorbell += 1;
      const doorbell = decodeDoorbell(message.data, category);
      if (doorbell === undefined) this.#counters.dropped.malformedDoorbell += 1;
      else void this.#inFlight.track(() => this.#heard(message, doorbell, onRing));
    });
    return async () => {
      await standing.drain(FLUSH_MS);
      this.#standing.delete(standing);
    };
  }

  async request(natsSubject: string, message: Json, options: RequestOptions): Promise<Json> {
    const data = encodeMessage(message, MAX_BODY_BYTES);
    return inSendSpan(natsSubject, async () => {
      const connection = this.#connectionOrThrow();
      const headers = callHeaders(this.#options.clock.nowMs() + options.deadlineMs);
      this.#counters.published.request += 1;
      return decodeAnswer(await sendCall(connection, natsSubject, { data, headers }, options));
    });
  }

  /**
   * Answers calls to a subject; of several with the same queue one gets each call. Made before the server
   * is up, it begins when the server does. A `CodedError` thrown by the handler travels to the caller;
   * anything else is logged and becomes `internal_error`.
   */
  serve(natsSubject: string, queue: string, handler: CallHandler): Serving {
    const inHand = new InFlight();
    const standing = this.#stand(natsSubject, queue, (message) => {
      void this.#inFlight.track(() => inHand.track(() => this.#calls.answer(message, handler)));
    });
    return {
      drain: async (deadlineMs) => {
        await standing.drain(FLUSH_MS);
        this.#standing.delete(standing);
        return inHand.idle(deadlineMs);
      },
    };
  }

  /** Takes nothing new, waits for what is in hand, sends what is buffered, disconnects. */
  async close(deadlineMs = 5_000): Promise<void> {
    await Promise.all([...this.#standing].map((standing) => standing.drain(FLUSH_MS)));
    this.#standing.clear();
    const idle = await this.#inFlight.idle(deadlineMs);
    if (!idle) this.#options.log.warn('The bus closes with work in hand.', { inFlight: this.#inFlight.size });
    await this.link.close(FLUSH_MS);
  }

  #stand(natsSubject: string, queue: string | undefined, onMessage: (message: Msg) => void): Standing {
    const standing = standingSubscription(this.link, natsSubject, queue, onMessage);
    this.#standing.add(standing);
    return standing;
  }

  async #heard(
    message: Msg,
    doorbell: Doorbell,
    onRing: (doorbell: Doorbell) => void | Promise<void>,
  ): Promise<void> {
    try {
      await context.with(traceContextOf(message.headers), () => onRing(doorbell));
    } catch (error) {
      this.#options.log.error('Handling a doorbell failed.', { error, stream: doorbell.stream });
    }
  }

  #publish(kind: 'doorbell' | 'announcement', natsSubject: string, encode: () => Uint8Array): void {
    const connection = this.link.connection;
    if (connection === undefined) {
      this.#counters.dropped.whileDown += 1;
      return;
    }
    try {
      connection.publish(natsSubject, encode(), { headers: traceHeaders() });
      this.#counters.published[kind] += 1;
    } catch (error) {
      this.#options.log.warn('A message could not be published.', { error, natsSubject });
    }
  }

  #connectionOrThrow(): NatsConnection {
    const connection = this.link.connection;
    if (connection !== undefined) return connection;
    throw new BusError('bus_unavailable', 'The bus is not connected; try again.');
  }
}

import { grantEvents } from '@countersign/domain-grant';
import { reviewEvents } from '@countersign/domain-review';
import { foldThread, type Thread } from '@countersign/domain-thread';
import {
  streamName,
  type Category,
  type EventStore,
  type ExpectedRevision,
  type RecordedEvent,
} from '@countersign/event-store';
import { deliveryEvents, foldDelivery, type Delivery, type DeliveryEvent } from '@countersign/notifier';
import { alarmed, requestFrom, serviceActor, type ServiceContext } from '@countersign/service-host';

export interface LoadedDelivery {
  readonly requestId: string;
  readonly delivery: Delivery;
  readonly expectedRevision: ExpectedRevision;
}

/** What the cards of a request have come to, and what they should say. */
export interface LoadedCards extends LoadedDelivery {
  readonly thread: Thread;
  /** Of the request's own trace. */
  readonly traceparent: string | undefined;
  /** Id of the latest event that the card could show. */
  readonly causationId: string | undefined;
}

interface AppendCause {
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'writer' | 'telemetry' | 'log'>;

/** How many events of a review's stream there are once it was opened. */
const OPENING = 2;

/** Reads what cards are made of, trusting nothing that isn't signed by its writer; appends to `delivery-`. */
export class DeliveryStreams {
  readonly #context: Dependencies;

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /** Undefined where nobody was asked. What can't be trusted throws, and raises the alarm. */
  async loadCards(requestId: string): Promise<LoadedCards | undefined> {
    if (!(await this.#wasOpened(requestId))) return undefined;
    // Effects first: no card then shows an effect whose cause it hasn't read.
    const ofDelivery = await this.#read('delivery', requestId);
    const ofGrant = await this.#read('grant', requestId);
    const ofReview = await this.#read('review', requestId);
    const ofRequest = await this.#read('request', requestId);
    return alarmed(this.#context, requestId, () => {
      for (const { stream, events } of [ofDelivery, ofGrant, ofReview, ofRequest]) {
        this.#context.verifier.verify(stream, events);
      }
      const asked = requestFrom(requestId, ofRequest.events);
      if (asked === undefined) return undefined;
      return {
        ...joined(requestId, ofDelivery.events),
        thread: foldThread({
          request: asked.request,
          review: reviewEvents(ofReview.events),
          grant: grantEvents(ofGrant.events),
        }),
        traceparent: asked.event.metadata.traceparent,
        causationId: (ofGrant.events.at(-1) ?? ofReview.events.at(-1))?.id,
      };
    });
  }

  /** The delivery alone. */
  async load(requestId: string): Promise<LoadedDelivery> {
    const { stream, events } = await this.#read('delivery', requestId);
    return alarmed(this.#context, requestId, () => {
      this.#context.verifier.verify(stream, events);
      return joined(requestId, events);
    });
  }

  /** In one append, at the revision that was loaded; `wrong_expected_revision` where somebody was faster. */
  append(
    { requestId, expectedRevision }: LoadedDelivery,
    events: readonly DeliveryEvent[],
    { causationId, traceparent }: AppendCause,
  ): ReturnType<Dependencies['writer']['append']> {
    const { writer, telemetry } = this.#context;
    return writer.append(streamName('delivery', requestId), expectedRevision, events, {
      actor: serviceActor('notification'),
      correlationId: requestId,
      causationId,
      traceparent: telemetry.traceparent() ?? traceparent,
    });
  }

  /** Most requests are settled by policy alone: one short read tells. */
  async #wasOpened(requestId: string): Promise<boolean> {
    const events = await this.#context.store.readStream(streamName('review', requestId), { limit: OPENING });
    return events.some(({ type }) => type === 'ReviewOpened');
  }

  async #read(category: Category, requestId: string): Promise<ReadStream> {
    const stream = streamName(category, requestId);
    return { stream, events: await this.#context.store.readStream(stream) };
  }
}

interface ReadStream {
  readonly stream: string;
  readonly events: Awaited<ReturnType<EventStore['readStream']>>;
}

const joined = (requestId: string, events: readonly RecordedEvent[]): LoadedDelivery => ({
  requestId,
  delivery: foldDelivery(deliveryEvents(events)),
  expectedRevision: events.at(-1)?.revision ?? 'no-stream',
});

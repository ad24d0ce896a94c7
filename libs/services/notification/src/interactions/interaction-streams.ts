import { streamName, type ExpectedRevision, type RecordedEvent } from '@countersign/event-store';
import { canonicalDigest } from '@countersign/kernel';
import {
  interactionEvents,
  type Click,
  type InteractionAnswered,
  type InteractionEvent,
  type InteractionReceived,
} from '@countersign/notifier';
import { alarmed, serviceActor, type ServiceContext } from '@countersign/service-host';

export interface LoadedInteraction {
  readonly received: InteractionReceived['data'];
  readonly receivedEventId: string;
  /** Undefined while policy hasn't answered. */
  readonly answered: InteractionAnswered['data'] | undefined;
  readonly expectedRevision: ExpectedRevision;
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'writer' | 'telemetry' | 'log'>;

/** The same for the same click, however often it is delivered; of two people's clicks never the same. */
export const interactionIdOf = ({ identity, clickId }: Pick<Click, 'identity' | 'clickId'>): string =>
  canonicalDigest([identity.channel, identity.tenant, identity.user, clickId]);

/** Reads and appends `interaction-`. */
export class InteractionStreams {
  readonly #context: Dependencies;

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /** Undefined where that click never came. What can't be trusted throws, and raises the alarm. */
  async load(interactionId: string): Promise<LoadedInteraction | undefined> {
    const stream = streamName('interaction', interactionId);
    const recorded = await this.#context.store.readStream(stream);
    return alarmed(this.#context, interactionId, () => {
      this.#context.verifier.verify(stream, recorded);
      return loadedFrom(recorded);
    });
  }

  /** At `no-stream`: `wrong_expected_revision` where the same click stands already. */
  async receive(interactionId: string, received: InteractionReceived): Promise<void> {
    await this.#append(interactionId, 'no-stream', received);
  }

  async answer(
    interactionId: string,
    loaded: LoadedInteraction,
    answered: InteractionAnswered,
  ): Promise<void> {
    await this.#append(interactionId, loaded.expectedRevision, answered, loaded.receivedEventId);
  }

  async #append(
    interactionId: string,
    expectedRevision: ExpectedRevision,
    event: InteractionEvent,
    causationId?: string,
  ): Promise<void> {
    const { writer, telemetry } = this.#context;
    await writer.append(streamName('interaction', interactionId), expectedRevision, [event], {
      actor: serviceActor('notification'),
      correlationId: event.data.requestId,
      causationId,
      traceparent: telemetry.traceparent(),
    });
  }
}

const loadedFrom = (recorded: readonly RecordedEvent[]): LoadedInteraction | undefined => {
  const [received, answered] = interactionEvents(recorded);
  const [first] = recorded;
  if (received?.type !== 'InteractionReceived' || first === undefined) return undefined;
  return {
    received: received.data,
    receivedEventId: first.id,
    answered: answered?.type === 'InteractionAnswered' ? answered.data : undefined,
    expectedRevision: recorded.length - 1,
  };
};

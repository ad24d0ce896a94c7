import { randomUUID } from 'node:crypto';
import { CodedError, hasCode, timestampNow } from '@countersign/kernel';
import type { Clock, DomainEvent, JsonObject, ServiceName, Signer } from '@countersign/kernel';
import { signedAppend } from './append-signature.ts';
import type { AppendVerifier } from './append-verifier.ts';
import { parseStreamName, WRITER_OF } from './categories.ts';
import type { Actor, EventEnvelope, UnsignedEnvelope, UnsignedMetadata } from './envelope.ts';
import { EventStoreError } from './event-store-error.ts';
import type { AppendResult, EventStore, ExpectedRevision, RecordedEvent } from './event-store.ts';
import { currentVersion, type UpcastTable } from './upcast.ts';
import { firstRevision } from './validate-append.ts';

/** Retries of the same bytes after a lost answer, before the uncertainty is passed on. */
const UNCERTAIN_RETRIES = 2;

export interface EventWriterOptions {
  readonly service: ServiceName;
  readonly store: EventStore;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Gives the schema version of each type written; the same table upcasts what is read. */
  readonly upcasts?: UpcastTable;
  readonly randomId?: () => string;
  /** Told of what was signed and appended here, so that loading it again costs it no verification. */
  readonly verifier?: Pick<AppendVerifier, 'rememberSigned'>;
  /** Rings the doorbells. It is not waited for and can't fail the append; its errors go to `onHookError`. */
  readonly onAppended?: (events: readonly RecordedEvent[]) => void | Promise<void>;
  readonly onHookError?: (error: unknown) => void;
}

export interface AppendContext {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** One id per event, for a caller that must repeat the same append itself; random otherwise. */
  readonly ids?: readonly string[];
}

export interface Appended extends AppendResult {
  /** Each carries the position of the append, which is that of its last event. */
  readonly events: readonly RecordedEvent[];
}

/** The one way by which a service writes: it builds the envelopes, signs the append and settles lost answers. */
export class EventWriter {
  readonly #options: EventWriterOptions;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /**
   * Appends all or none, signed. A stream of another service's category is `not_the_writer`. After a lost
   * answer the same bytes are sent again; where the store stays silent the error is `append_uncertain`:
   * the events may or may not stand, so reload before telling anybody anything. All else as `EventStore.append`.
   */
  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly DomainEvent[],
    context: AppendContext,
  ): Promise<Appended> {
    this.#requireWriter(stream);
    const first = firstRevision(expectedRevision);
    const { signer, clock, verifier } = this.#options;
    const signed = signedAppend(stream, first, this.#envelopes(events, context), signer);
    // A caller's own ids may have been committed by an earlier call.
    const askedAtMs = context.ids === undefined ? clock.nowMs() : undefined;
    const result = await this.#settle(stream, expectedRevision, signed.events);
    clock.observe(result.committedAt, askedAtMs);
    const { position, committedAt } = result;
    const recorded = signed.events.map((envelope, index) => ({
      ...envelope,
      stream,
      revision: first + index,
      position,
      committedAt,
    }));
    verifier?.rememberSigned(recorded, signed.preImage);
    this.#ring(recorded);
    return { ...result, events: recorded };
  }

  #requireWriter(stream: string): void {
    const writer = WRITER_OF[parseStreamName(stream).category];
    if (writer === this.#options.service) return;
    throw new CodedError(
      'not_the_writer',
      `Only ${writer} appends to ${stream}; ${this.#options.service} sends it a command.`,
      { field: 'stream' },
    );
  }

  #envelopes(events: readonly DomainEvent[], context: AppendContext): UnsignedEnvelope[] {
    const { randomId = randomUUID, upcasts = {} } = this.#options;
    const metadata = this.#metadata(context);
    return events.map(({ type, data }, index) => ({
      id: context.ids?.[index] ?? randomId(),
      type,
      schemaVersion: currentVersion(upcasts, type),
      data: data as JsonObject,
      metadata,
    }));
  }

  #metadata({ actor, correlationId, causationId, traceparent }: AppendContext): UnsignedMetadata {
    const { service, clock } = this.#options;
    return {
      occurredAt: timestampNow(clock),
      correlationId,
      ...(causationId === undefined ? {} : { causationId }),
      actor,
      service,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  async #settle(
    stream: string,
    expectedRevision: ExpectedRevision,
    envelopes: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    let uncertain: unknown;
    for (let attempts = 0; attempts <= UNCERTAIN_RETRIES; attempts += 1) {
      try {
        return await this.#options.store.append(stream, expectedRevision, envelopes);
      } catch (error) {
        if (hasCode(error, 'append_uncertain')) uncertain = error;
        else if (uncertain === undefined || settles(error)) throw error;
      }
    }
    throw new EventStoreError('append_uncertain', `No answer came for an append to ${stream}; reload it.`, {
      cause: uncertain,
    });
  }

  #ring(events: readonly RecordedEvent[]): void {
    const { onAppended, onHookError } = this.#options;
    if (onAppended === undefined) return;
    const ring = async (): Promise<void> => onAppended(events);
    ring().catch((error: unknown) => onHookError?.(error));
  }
}

/** After an uncertain attempt only these tell what became of it; an unreachable store tells nothing. */
const settles = (error: unknown): boolean =>
  hasCode(error, 'wrong_expected_revision') || hasCode(error, 'event_id_conflict');

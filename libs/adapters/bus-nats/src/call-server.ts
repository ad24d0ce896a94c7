import { BusError } from '@countersign/bus';
import { mayAnswerTo } from '@countersign/contracts';
import { parseStrictJson } from '@countersign/domain-action';
import { CodedError, toEpochMs, type Clock, type Json, type Timestamp } from '@countersign/kernel';
import type { Msg } from '@nats-io/transport-node';
import type { BusLog } from './bus-log.ts';
import type { BusCounters } from './bus-stats.ts';
import { encodeError, encodeResult } from './message-codec.ts';
import { deadlineOf, traceContextOf } from './message-headers.ts';
import { inProcessSpan } from './spans.ts';

export interface IncomingCall {
  readonly natsSubject: string;
  /** Parsed, but not yet checked against the contract. */
  readonly message: Json;
  readonly deadline: Timestamp;
}

export type CallHandler = (call: IncomingCall) => Promise<Json>;

export interface CallServerOptions {
  readonly clock: Clock;
  readonly log: BusLog;
  readonly counters: BusCounters;
}

/** Answers the calls that arrive on one subject: parse, refuse what is late, handle, reply. */
export class CallServer {
  readonly #options: CallServerOptions;

  constructor(options: CallServerOptions) {
    this.#options = options;
  }

  /**
   * Never rejects. A message that asks for no answer, or for one to a subject that is no inbox of those who may
   * call this, is no call, and is dropped before it is carried out.
   */
  async answer(message: Msg, handler: CallHandler): Promise<void> {
    const { counters } = this.#options;
    counters.received.call += 1;
    if (!mayAnswerTo(message.subject, message.reply ?? '')) {
      counters.dropped.malformedCall += 1;
      return;
    }
    this.#reply(message, await this.#answerOf(message, handler));
  }

  async #answerOf(message: Msg, handler: CallHandler): Promise<Uint8Array> {
    const { subject, headers } = message;
    try {
      return await inProcessSpan(subject, traceContextOf(headers), () => this.#handle(message, handler));
    } catch (error) {
      return encodeError(asCodedError(error));
    }
  }

  async #handle(message: Msg, handler: CallHandler): Promise<Uint8Array> {
    const call = this.#parse(message);
    try {
      return encodeResult(await handler(call));
    } catch (error) {
      if (!(error instanceof CodedError)) {
        this.#options.log.error('A call failed.', { error, natsSubject: call.natsSubject });
      }
      throw error;
    }
  }

  #parse({ subject, headers, data }: Msg): IncomingCall {
    const { clock, counters } = this.#options;
    const deadline = deadlineOf(headers);
    if (deadline === undefined) {
      counters.dropped.malformedCall += 1;
      throw new BusError('malformed_message', 'A call needs one deadline in its headers.');
    }
    if (clock.nowMs() >= toEpochMs(deadline)) {
      counters.dropped.expiredCall += 1;
      throw new BusError('deadline_exceeded', 'The deadline had passed before the call was begun.');
    }
    try {
      return { natsSubject: subject, message: parseStrictJson(data), deadline };
    } catch (error) {
      counters.dropped.malformedCall += 1;
      throw error;
    }
  }

  #reply(message: Msg, data: Uint8Array): void {
    try {
      message.respond(data);
      this.#options.counters.published.reply += 1;
    } catch (error) {
      this.#options.log.warn('An answer could not be sent.', { error, natsSubject: message.subject });
    }
  }
}

/** What went wrong inside is for our logs, not for the caller. */
const asCodedError = (error: unknown): CodedError =>
  error instanceof CodedError
    ? new CodedError(String(error.code), error.message, { field: error.field })
    : new CodedError('internal_error', 'The service failed; its log says why. Try again.');

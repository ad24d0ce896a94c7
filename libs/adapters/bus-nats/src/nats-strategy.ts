import { CodedError, type Json } from '@countersign/kernel';
import {
  NatsContext,
  Server,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { CallHandler } from './call-server.ts';
import type { NatsBus, Serving } from './nats-bus.ts';

export interface NatsStrategyOptions {
  readonly bus: NatsBus;
  /** The queue group: of all replicas with the same one, one gets each call. The service's name. */
  readonly queue: string;
  readonly drainMs?: number;
  /** Wraps each handler of calls. */
  readonly decorate?: ((handler: CallHandler) => CallHandler) | undefined;
}

/**
 * Serves `@MessagePattern(<natsSubject>)` handlers over a {@link NatsBus}; Nest's own NATS transport
 * neither drains nor knows deadlines, and wants the server up at start. The bus stays open after `close`:
 * who made it closes it.
 */
export class NatsStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('countersign-nats');
  readonly #options: NatsStrategyOptions;
  #serving: readonly Serving[] = [];

  constructor(options: NatsStrategyOptions) {
    super();
    this.#options = options;
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      this.#serving = [...this.messageHandlers].map(([natsSubject, handler]) =>
        this.#serve(natsSubject, handler),
      );
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Takes no more calls, and waits for those in hand. */
  async close(): Promise<void> {
    const { drainMs = 5_000 } = this.#options;
    await Promise.all(this.#serving.map((serving) => serving.drain(drainMs)));
    this.#serving = [];
  }

  on(): never {
    throw new CodedError('unsupported', 'Watch the bus itself: it says whether it is connected.');
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest's signature
  unwrap<T>(): T {
    return this.#options.bus as T;
  }

  #serve(natsSubject: string, handler: MessageHandler): Serving {
    if (handler.isEventHandler === true) {
      throw new CodedError(
        'unsupported',
        `${natsSubject} has an event handler; doorbells are heard by the bus.`,
      );
    }
    const { bus, queue, decorate = (undecorated) => undecorated } = this.#options;
    const answerCall: CallHandler = async ({ message }) => {
      const answer: unknown = await handler(message, new NatsContext([natsSubject, undefined]));
      const settled: unknown = await lastValueFrom(this.transformToObservable(answer), {
        defaultValue: null,
      });
      return (settled ?? null) as Json;
    };
    return bus.serve(natsSubject, queue, decorate(answerCall));
  }
}

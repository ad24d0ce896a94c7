import { retryOnConflict, streamName, type Actor } from '@countersign/event-store';
import type { DomainEvent } from '@countersign/kernel';
import type { ServiceContext } from '../service-context.ts';

/** Events of one stream of attempts; what comes after is only counted. */
export const MAX_REFUSED_ATTEMPTS = 20;

/** Requests whose streams are known to be full; forgetting one costs a read. */
const REMEMBERED = 10_000;

type Dependencies = Pick<ServiceContext, 'store' | 'writer' | 'telemetry' | 'log'>;

/** Where attempts of one kind are written, and what the metric calls them. */
export type AttemptKind =
  | { readonly kind: 'decision'; readonly category: 'reviewattempt' }
  | { readonly kind: 'redemption'; readonly category: 'grantattempt' };

export interface RefusedAttempt {
  readonly requestId: string;
  /** Why, as the metric counts it. */
  readonly code: string;
  readonly event: DomainEvent;
  readonly actor: Actor;
  /** Of the request's trace, where no span is in hand. */
  readonly traceparent: string | undefined;
}

/** Attempts on one request that are in hand, each after the one before it. */
interface Line {
  length: number;
  last: Promise<void>;
}

/**
 * What an auditor must see of attempts that didn't count. It can't fail the refusal that it records, nor
 * hold up anything else: no more wait than the cap allows, and after it an attempt costs no access to the
 * store.
 */
export class RefusedAttempts {
  readonly #context: Dependencies;
  readonly #kind: AttemptKind;
  readonly #full = new Set<string>();
  readonly #lines = new Map<string, Line>();

  constructor(context: Dependencies, kind: AttemptKind) {
    this.#context = context;
    this.#kind = kind;
  }

  async record(attempt: RefusedAttempt): Promise<void> {
    const { requestId, code } = attempt;
    this.#context.telemetry.metrics.refusedAttempts.add(1, { kind: this.#kind.kind, code });
    const line = this.#lines.get(requestId) ?? { length: 0, last: Promise.resolve() };
    if (this.#full.has(requestId) || line.length >= MAX_REFUSED_ATTEMPTS) return;
    this.#lines.set(requestId, line);
    line.length += 1;
    line.last = line.last.then(() => this.#try(attempt));
    await line.last;
    line.length -= 1;
    if (line.length === 0) this.#lines.delete(requestId);
  }

  async #try(attempt: RefusedAttempt): Promise<void> {
    const { requestId, code } = attempt;
    if (this.#full.has(requestId)) return;
    try {
      await retryOnConflict(() => this.#append(attempt));
    } catch (error) {
      this.#context.log.warn('A refused attempt was not recorded.', { requestId, code, error });
    }
  }

  async #append({ requestId, event, actor, traceparent }: RefusedAttempt): Promise<void> {
    const { store, writer, telemetry } = this.#context;
    const stream = streamName(this.#kind.category, requestId);
    const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (last !== undefined && last.revision + 1 >= MAX_REFUSED_ATTEMPTS) {
      this.#remember(requestId);
      return;
    }
    await writer.append(stream, last?.revision ?? 'no-stream', [event], {
      actor,
      correlationId: requestId,
      traceparent: telemetry.traceparent() ?? traceparent,
    });
  }

  #remember(requestId: string): void {
    this.#full.add(requestId);
    if (this.#full.size <= REMEMBERED) return;
    const [oldest] = this.#full;
    if (oldest !== undefined) this.#full.delete(oldest);
  }
}

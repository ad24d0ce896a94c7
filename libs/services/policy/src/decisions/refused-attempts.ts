import type { DecisionRefused } from '@countersign/domain-review';
import { retryOnConflict, streamName, type Actor } from '@countersign/event-store';
import type { ServiceContext } from '@countersign/service-host';

/** Events of one stream of attempts; what comes after is only counted. */
export const MAX_REFUSED_ATTEMPTS = 20;

/** Requests whose streams are known to be full; forgetting one costs a read. */
const REMEMBERED = 10_000;

type Dependencies = Pick<ServiceContext, 'store' | 'writer' | 'telemetry' | 'log'>;

/**
 * What an auditor must see of decisions that didn't count. It can't fail the refusal that it records, nor
 * hold up a decision: after the cap an attempt costs no access to the store.
 */
export class RefusedAttempts {
  readonly #context: Dependencies;
  readonly #full = new Set<string>();

  constructor(context: Dependencies) {
    this.#context = context;
  }

  async record(event: DecisionRefused, actor: Actor, traceparent: string | undefined): Promise<void> {
    const { requestId, refusal } = event.data;
    const { telemetry, log } = this.#context;
    telemetry.metrics.refusedAttempts.add(1, { kind: 'decision', code: refusal });
    if (this.#full.has(requestId)) return;
    try {
      await retryOnConflict(() => this.#append(event, actor, traceparent));
    } catch (error) {
      log.warn('A refused attempt was not recorded.', { requestId, refusal, error });
    }
  }

  async #append(event: DecisionRefused, actor: Actor, traceparent: string | undefined): Promise<void> {
    const { requestId } = event.data;
    const { store, writer, telemetry } = this.#context;
    const stream = streamName('reviewattempt', requestId);
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

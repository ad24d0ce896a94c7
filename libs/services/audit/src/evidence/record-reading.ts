import type { AuditEvent } from '@countersign/contracts';
import { retryOnConflict, streamName, type Position } from '@countersign/event-store';
import { timestampNow } from '@countersign/kernel';
import { actorOf, type Caller, type ServiceContext } from '@countersign/service-host';
import type { EvidenceRead } from './evidence-events.ts';

export interface Reading {
  readonly what: EvidenceRead['data']['what'];
  readonly requestId?: string | undefined;
  readonly filters?: Readonly<Record<string, string>>;
  readonly shown: readonly AuditEvent[];
}

type Dependencies = Pick<ServiceContext, 'store' | 'writer' | 'clock' | 'telemetry'>;

/**
 * Writes down who reads the record, before they are shown it: nobody reads unseen. Readings of one process
 * stand in line, since they all go to the day's one stream.
 */
export class RecordReading {
  readonly #context: Dependencies;
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /** The place of the reading in the log. Throws as the append does; show nothing then. */
  async record(caller: Caller, reading: Reading): Promise<Position> {
    const mine = this.#last.then(() => this.#append(caller, reading));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #append(caller: Caller, { what, requestId, filters = {}, shown }: Reading): Promise<Position> {
    const { store, writer, clock, telemetry } = this.#context;
    const readAt = timestampNow(clock);
    const stream = streamName('evidence', readAt.slice(0, 'yyyy-mm-dd'.length));
    const { type, id } = caller.principal.ref;
    const [first, last] = [shown[0]?.position, shown.at(-1)?.position];
    const event: EvidenceRead = {
      type: 'EvidenceRead',
      data: {
        by: { type, id },
        what,
        ...(requestId !== undefined && { requestId }),
        filters,
        events: shown.length,
        ...(first !== undefined && { first }),
        ...(last !== undefined && { last }),
        readAt,
      },
    };
    const { position } = await retryOnConflict(async () => {
      const [head] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
      return writer.append(stream, head?.revision ?? 'no-stream', [event], {
        actor: actorOf(caller),
        correlationId: requestId ?? stream,
        traceparent: telemetry.traceparent(),
      });
    });
    return position;
  }
}

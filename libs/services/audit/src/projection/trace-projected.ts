import type { RecordedEvent } from '@countersign/event-store';
import { parseStreamName } from '@countersign/event-store';
import type { Telemetry } from '@countersign/service-host';

/** Marks in each request's trace that its record has it: where its one trace ends. */
export const traceProjected = (
  telemetry: Pick<Telemetry, 'inThread'>,
  events: readonly RecordedEvent[],
): void => {
  for (const { stream, type, metadata } of events) {
    if (metadata.traceparent === undefined) continue;
    const attributes = {
      'countersign.request.id': metadata.correlationId,
      'countersign.event.type': type,
      'countersign.stream.category': parseStreamName(stream).category,
    };
    telemetry
      .inThread('audit.project', metadata.traceparent, { attributes }, () => Promise.resolve())
      .catch(() => undefined);
  }
};

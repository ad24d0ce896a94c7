import { performance } from 'node:perf_hooks';
import { parseStreamName, type EventStore } from '@countersign/event-store';
import { CodedError } from '@countersign/kernel';
import { SpanKind } from '@opentelemetry/api';
import type { Telemetry } from './telemetry.ts';

/** The store with each append timed and told in a span. */
export const meteredStore = (store: EventStore, { inSpan, metrics }: Telemetry): EventStore => ({
  append: async (stream, expectedRevision, events) => {
    const { category } = parseStreamName(stream);
    const startedMs = performance.now();
    const measure = (result: string): void =>
      metrics.appendLatency.record((performance.now() - startedMs) / 1_000, { category, result });
    const options = { kind: SpanKind.CLIENT, attributes: { 'countersign.stream': stream } };
    return inSpan(`append ${category}`, options, async () => {
      try {
        const appended = await store.append(stream, expectedRevision, events);
        measure('appended');
        return appended;
      } catch (error) {
        measure(error instanceof CodedError ? error.code : 'internal_error');
        throw error;
      }
    });
  },
  readStream: async (stream, options) => store.readStream(stream, options),
  subscribe: (options, subscriber) => store.subscribe(options, subscriber),
});

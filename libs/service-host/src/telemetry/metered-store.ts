import { performance } from 'node:perf_hooks';
import { parseStreamName, type EventStore, type RecordedEvent } from '@countersign/event-store';
import type { Clock } from '@countersign/kernel';
import { SpanKind } from '@opentelemetry/api';
import { codeOf } from '../is-coded.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * The store as services see it: each append is timed and told in a span, and each committed time that is
 * read moves the clock forward, so that no deadline is judged by a time before what already happened.
 */
export const meteredStore = (
  store: EventStore,
  { inSpan, metrics }: Telemetry,
  clock: Pick<Clock, 'observe'>,
): EventStore => {
  const observe = (events: readonly RecordedEvent[]): void => {
    const [first, last] = [events[0], events.at(-1)];
    if (first !== undefined) clock.observe(first.committedAt);
    if (last !== undefined) clock.observe(last.committedAt);
  };
  return {
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
          measure(codeOf(error));
          throw error;
        }
      });
    },
    readStream: async (stream, options) => {
      const events = await store.readStream(stream, options);
      observe(events);
      return events;
    },
    subscribe: (options, subscriber) =>
      store.subscribe(options, {
        onEvents: (events, position) => {
          observe(events);
          return subscriber.onEvents(events, position);
        },
        ...(subscriber.onCaughtUp === undefined ? {} : { onCaughtUp: () => subscriber.onCaughtUp?.() }),
      }),
  };
};

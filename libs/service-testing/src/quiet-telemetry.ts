import { createNoopMeter, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { createMetrics, type Telemetry } from '@countersign/service-host';

/** Spans and metrics that go nowhere. */
export const quietTelemetry = (): Telemetry => {
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  return {
    inSpan: (_name, _options, fn) => fn(span),
    inThread: (_name, _traceparent, _options, fn) => fn(span),
    traceparent: () => undefined,
    metrics: createMetrics(createNoopMeter()),
    prometheus: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
};

import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const EXPORT_TIMEOUT_MS = 2_000;
const SPANS_EVERY_MS = 1_000;
const METRICS_EVERY_MS = 10_000;

export interface Otlp {
  readonly metricReader: IMetricReader;
  close(): Promise<void>;
}

/** Loaded only where an endpoint is set. Registers what `@opentelemetry/api` gives to every lib of the process. */
export const startOtlp = (endpoint: string, resource: Resource): Otlp => {
  const base = endpoint.replace(/\/+$/, '');
  const exporter = new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: SPANS_EVERY_MS })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    metricReader: new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: EXPORT_TIMEOUT_MS }),
      exportIntervalMillis: METRICS_EVERY_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    }),
    close: async () => provider.shutdown(),
  };
};

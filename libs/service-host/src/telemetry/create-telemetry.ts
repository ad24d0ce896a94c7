import type { Meter } from '@opentelemetry/api';
import type { Otlp } from './otlp.ts';
import { createMetrics } from './metrics.ts';
import { currentTraceparent, inSpan, inThread } from './spans.ts';
import type { Telemetry } from './telemetry.ts';

/** A collector that is gone must not hold up a shutdown. */
const CLOSE_TIMEOUT_MS = 3_000;

export interface TelemetryOptions {
  /** `countersign-intake`; the resource's `service.name`. */
  readonly processName: string;
  readonly otlpEndpoint: string | undefined;
}

interface Instruments {
  readonly meter: Meter;
  collect(): Promise<string>;
  close(): Promise<void>;
}

const startMetrics = async ({ processName, otlpEndpoint }: TelemetryOptions): Promise<Instruments> => {
  const [{ MeterProvider }, { PrometheusExporter, PrometheusSerializer }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-prometheus'),
      import('@opentelemetry/resources'),
    ]);
  const resource = resourceFromAttributes({ 'service.name': processName });
  const otlp: Otlp | undefined =
    otlpEndpoint === undefined ? undefined : (await import('./otlp.ts')).startOtlp(otlpEndpoint, resource);
  const scrape = new PrometheusExporter({ preventServerStart: true });
  const readers = otlp === undefined ? [scrape] : [scrape, otlp.metricReader];
  const provider = new MeterProvider({ resource, readers });
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  return {
    meter: provider.getMeter('countersign'),
    collect: async () => serializer.serialize((await scrape.collect()).resourceMetrics),
    close: async () => {
      await Promise.allSettled([provider.shutdown(), otlp?.close()]);
    },
  };
};

/**
 * Metrics are always kept, for `/metrics`. Tracing and OTLP are loaded and registered only where an
 * endpoint is set; without one every span is the API's no-op.
 */
export const createTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const instruments = await startMetrics(options);
  return {
    inSpan,
    inThread,
    traceparent: currentTraceparent,
    metrics: createMetrics(instruments.meter),
    prometheus: async () => instruments.collect(),
    close: async () => withinTime(instruments.close()),
  };
};

const withinTime = async (closing: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([closing, late]);
  clearTimeout(timer);
};

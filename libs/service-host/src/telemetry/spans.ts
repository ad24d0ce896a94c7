import {
  context,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { codeOf } from '../is-coded.ts';
import type { SpanOptions } from './telemetry.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

/** Asked anew each time: the provider is registered after this module is loaded. */
const tracer = () => trace.getTracer('countersign');

export const currentTraceparent = (): string | undefined => {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? formatTraceparent(span) : undefined;
};

const parentOf = (traceparent: string | undefined): Context => {
  const parent = parseTraceparent(traceparent);
  return parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
};

const linksOf = (traceparents: readonly string[] = []): Link[] =>
  traceparents.flatMap((traceparent) => {
    const linked = parseTraceparent(traceparent);
    return linked === undefined ? [] : [{ context: linked }];
  });

/** The code alone: a message may hold what somebody sent. */
export const markFailed = (span: Span, error: unknown): void => {
  span.setAttribute('error.type', codeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
};

export const inSpan = async <T>(
  name: string,
  { kind, attributes, parentTraceparent, links }: SpanOptions,
  fn: (span: Span) => Promise<T>,
): Promise<T> => {
  const parent = parentOf(parentTraceparent);
  const span = tracer().startSpan(
    name,
    {
      ...(kind === undefined ? {} : { kind }),
      ...(attributes === undefined ? {} : { attributes }),
      links: linksOf(links),
    },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), async () => fn(span));
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
};

const traceIdOf = (traceparent: string): string | undefined => parseTraceparent(traceparent)?.traceId;

export const inThread = async <T>(
  name: string,
  traceparent: string | undefined,
  options: Omit<SpanOptions, 'parentTraceparent'>,
  fn: (span: Span) => Promise<T>,
): Promise<T> => {
  const caller = currentTraceparent();
  if (traceparent === undefined || caller === undefined || traceIdOf(caller) === traceIdOf(traceparent)) {
    return inSpan(
      name,
      { ...options, parentTraceparent: caller === undefined ? traceparent : undefined },
      fn,
    );
  }
  return inSpan(
    name,
    { ...options, parentTraceparent: traceparent, links: [...(options.links ?? []), caller] },
    fn,
  );
};

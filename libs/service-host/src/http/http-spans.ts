import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../telemetry/telemetry.ts';

const HANDLED_BY_OPERATORS = new Set(['/health/live', '/health/ready', '/metrics']);

interface Tracked {
  readonly span: Span;
  readonly startedMs: number;
}

const start = (request: FastifyRequest): Tracked => {
  const route = request.routeOptions.url;
  const span = trace.getTracer('countersign').startSpan(
    route === undefined ? request.method : `${request.method} ${route}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': request.method,
        'url.scheme': request.protocol,
        'url.path': request.url.split('?', 1)[0] ?? '',
        ...(route === undefined ? {} : { 'http.route': route }),
      },
    },
    propagation.extract(context.active(), request.headers),
  );
  return { span, startedMs: performance.now() };
};

const end = (
  { span, startedMs }: Tracked,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
): void => {
  const status = reply.statusCode;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) {
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
  metrics.httpDuration.record((performance.now() - startedMs) / 1_000, {
    'http.request.method': request.method,
    'http.route': request.routeOptions.url ?? '',
    'http.response.status_code': status,
  });
};

/**
 * A server span and a duration for each call, named by OpenTelemetry's HTTP conventions. The span is put in
 * hand only after the body was read: reading it would lose the context.
 */
export const useHttpSpans = (fastify: FastifyInstance, metrics: Metrics): void => {
  const tracked = new WeakMap<FastifyRequest, Tracked>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!HANDLED_BY_OPERATORS.has(request.routeOptions.url ?? '')) tracked.set(request, start(request));
    done();
  });
  fastify.addHook('preHandler', (request, _reply, done) => {
    const span = tracked.get(request)?.span;
    if (span === undefined) done();
    else context.with(trace.setSpan(context.active(), span), done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const call = tracked.get(request);
    if (call !== undefined) end(call, request, reply, metrics);
    done();
  });
};

import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { Controller } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AuthenticationError } from '../authentication/authentication-error.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { createTelemetry } from '../telemetry/create-telemetry.ts';
import { SILENT_LOGGER } from '../telemetry/logger.ts';
import { inSpan } from '../telemetry/spans.ts';
import { ApiRoute } from './api-route.ts';
import { createHttpApp, type HttpApp } from './create-http-app.ts';
import { ApiBody } from './request-parts.ts';

const body = z.strictObject({ text: z.string() });
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

@Controller()
class TracedController {
  @ApiRoute({
    method: 'POST',
    path: '/v1/traced/:id',
    summary: 'Do a thing in a span',
    tags: ['traced'],
    public: true,
    body,
    responses: { 200: { description: 'Done' } },
  })
  async traced(@ApiBody() { text }: z.infer<typeof body>): Promise<unknown> {
    return inSpan('use case', {}, async () => ({ length: text.length }));
  }
}
class TracedModule {}

const exporter = new InMemorySpanExporter();
let http: HttpApp;
let address: string;

const spanNamed = (name: string): ReadableSpan => {
  const span = exporter.getFinishedSpans().find((each) => each.name === name);
  if (span === undefined) throw new Error(`No span ${name}.`);
  return span;
};

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  const lifecycle = new Lifecycle(SILENT_LOGGER);
  const telemetry = await createTelemetry({ processName: 'test', otlpEndpoint: undefined });
  const authenticator = { authenticate: () => Promise.reject(new AuthenticationError('unauthenticated')) };
  const modules = [{ module: TracedModule, controllers: [TracedController] }];
  http = await createHttpApp({
    modules,
    authenticator,
    lifecycle,
    telemetry,
    log: SILENT_LOGGER,
    version: '1',
  });
  await lifecycle.start();
  address = await http.listen('127.0.0.1', 0);
  const headers = { 'content-type': 'application/json', traceparent: CALLER };
  // In pieces, so that the body is read in more than one turn.
  const text = JSON.stringify({ text: 'x'.repeat(50_000) });
  await (await fetch(`${address}/v1/traced/7?q=hush`, { method: 'POST', headers, body: text })).text();
  await (await fetch(`${address}/health/live`)).text();
});
afterAll(async () => http.close());

describe('a call over HTTP', () => {
  it("continues the caller's trace, named by its route", () => {
    const span = spanNamed('POST /v1/traced/:id');
    expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(span.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/traced/:id',
      'http.response.status_code': 200,
      'url.path': '/v1/traced/7',
    });
  });

  it('is the parent of what its handler does', () => {
    expect(spanNamed('use case').parentSpanContext?.spanId).toBe(
      spanNamed('POST /v1/traced/:id').spanContext().spanId,
    );
  });

  it('tells no query in its span', () => {
    expect(JSON.stringify(spanNamed('POST /v1/traced/:id').attributes)).not.toContain('hush');
  });

  it('leaves no span where only health is asked', () => {
    expect(exporter.getFinishedSpans().map(({ name }) => name)).not.toContain('GET /health/live');
  });
});

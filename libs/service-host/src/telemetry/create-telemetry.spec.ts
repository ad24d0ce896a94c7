import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { EventWriter } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { CodedError } from '@countersign/kernel';
import { ManualClock, testKeys } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceActor } from '../process/service-actor.ts';
import { createTelemetry } from './create-telemetry.ts';
import { meteredStore } from './metered-store.ts';
import type { Telemetry } from './telemetry.ts';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { traceId: string; spanId: string }[];
  readonly status?: { code?: number };
  readonly attributes?: readonly { key: string; value: unknown }[];
}

interface OtlpTraces {
  readonly resourceSpans: readonly { scopeSpans: readonly { spans: readonly OtlpSpan[] }[] }[];
}

const spans: OtlpSpan[] = [];
const posted: string[] = [];
let collector: Server;
let telemetry: Telemetry;

const THREAD = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const spanOf = (name: string): OtlpSpan => {
  const span = spans.find((each) => each.name === name);
  if (span === undefined) throw new Error(`No span ${name} came.`);
  return span;
};

const receive = (path: string, body: string): void => {
  posted.push(path);
  if (path !== '/v1/traces') return;
  const { resourceSpans } = JSON.parse(body) as OtlpTraces;
  spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
};

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      receive(request.url ?? '', body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  telemetry = await createTelemetry({ processName: 'test', otlpEndpoint: `http://127.0.0.1:${port}` });

  await telemetry.inSpan('outer', { links: [THREAD, 'garbage'] }, async () => {
    await telemetry.inSpan('inner', {}, async () => undefined);
    await telemetry.inThread('in thread', THREAD, {}, async () => {
      await telemetry.inSpan('below thread', {}, async () => undefined);
    });
    await telemetry.inThread('without thread', undefined, {}, async () => undefined);
  });
  await telemetry.inThread('alone in thread', THREAD, {}, async () => undefined);
  const failing = telemetry.inSpan('failing', {}, () => Promise.reject(new CodedError('odd', 'hush')));
  await failing.catch(() => undefined);
  telemetry.metrics.requests.add(1, { status: 'received' });
  telemetry.metrics.openReviews(() => 3);
  await telemetry.close();
});
afterAll(() => collector.close());

describe('telemetry with an endpoint', () => {
  it('sends a span within another as its child', () => {
    expect(spanOf('inner')).toMatchObject({
      traceId: spanOf('outer').traceId,
      parentSpanId: spanOf('outer').spanId,
    });
  });

  it("continues a request's own trace after the human pause, with a link to whoever calls", () => {
    const outer = spanOf('outer');
    expect(spanOf('in thread')).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      links: [{ traceId: outer.traceId, spanId: outer.spanId }],
    });
    expect(spanOf('below thread').parentSpanId).toBe(spanOf('in thread').spanId);
  });

  it("continues a request's own trace where nobody calls", () => {
    expect(spanOf('alone in thread')).toMatchObject({ parentSpanId: 'b7ad6b7169203331', links: [] });
  });

  it('makes an ordinary child of a thread that has no trace', () => {
    expect(spanOf('without thread').parentSpanId).toBe(spanOf('outer').spanId);
  });

  it('leaves malformed links out', () => {
    expect(spanOf('outer').links).toHaveLength(1);
  });

  it('tells of an error its code and no more', () => {
    const failing = spanOf('failing');
    expect(failing.status).toMatchObject({ code: 2 });
    expect(failing.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'odd' } });
    expect(JSON.stringify(failing)).not.toContain('hush');
  });

  it('sends its metrics too', () => {
    expect(posted).toContain('/v1/metrics');
  });
});

describe('telemetry without an endpoint', () => {
  it('loads nothing that traces or exports', () => {
    const script = fileURLToPath(new URL('spec-support/loaded-modules.mjs', import.meta.url));
    const args = ['--conditions=@countersign/source', script];
    const loaded = execFileSync(process.execPath, args, { encoding: 'utf8' }).split('\n');
    expect(loaded).toContain('@opentelemetry/api');
    expect(loaded).not.toContain('@opentelemetry/sdk-trace');
    expect(loaded).not.toContain('@opentelemetry/context-async-hooks');
    expect(loaded.filter((name) => name.includes('otlp'))).toEqual([]);
  });

  it('keeps metrics for Prometheus', async () => {
    const quiet = await createTelemetry({ processName: 'quiet', otlpEndpoint: undefined });
    quiet.metrics.requests.add(2, { status: 'approved' });
    quiet.metrics.overdueWork(() => 7, { work: 'expiry' });
    const text = await quiet.prometheus();
    expect(text).toContain('countersign_requests_total{status="approved"} 2');
    expect(text).toContain('countersign_work_overdue{work="expiry"} 7');
    await quiet.close();
  });

  it('measures appends, and moves the clock to the times it reads', async () => {
    const quiet = await createTelemetry({ processName: 'quiet', otlpEndpoint: undefined });
    const [ahead, behind] = [new ManualClock('2026-11-20T12:00:00.000Z'), new ManualClock()];
    const store = meteredStore(new MemoryEventStore(ahead), quiet, behind);
    const signer = testKeys().signer('policy');
    const writer = new EventWriter({ service: 'policy', store, signer, clock: ahead });
    const context = { actor: serviceActor('policy'), correlationId: 'mode' };
    await writer.append('system-mode', 'no-stream', [{ type: 'StoreInitialized', data: {} }], context);
    await expect(store.append('system-mode', 'no-stream', [])).rejects.toMatchObject({
      code: 'malformed_event',
    });
    await store.readStream('system-mode');
    expect(behind.now()).toBe(ahead.now());
    const text = await quiet.prometheus();
    expect(text).toContain('countersign_append_duration_count{category="system",result="appended"} 1');
    expect(text).toContain('countersign_append_duration_count{category="system",result="malformed_event"} 1');
    await quiet.close();
  });
});

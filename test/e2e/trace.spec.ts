import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, type CollectedSpan } from './harness/collector.ts';
import { Countersign } from './harness/countersign.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  ETL_BOT,
  redeem,
  report,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

// W3C Trace Context of the requester's own call.
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const REAUTHORIZE = 'countersign.internal.call.policy.reauthorize';

let collector: Collector;
let eventTraces: ReadonlySet<string | undefined>;

/** A whole life; the collector has everything when the process has stopped. */
beforeAll(async () => {
  collector = await Collector.start();
  const countersign = await Countersign.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  try {
    const etlBot = await countersign.api(ETL_BOT);
    const traceparent = `00-${TRACE_ID}-${CALLER_SPAN}-01`;
    const { id } = await submit(etlBot, smallExport(), { traceparent });
    const pending = await awaitStatus(etlBot, id, 'pending');
    await approve(await countersign.api(ALICE), pending);
    const { token, grantId } = await claim(etlBot, id);
    await redeem(etlBot, pending, token);
    await report(etlBot, grantId);
    await countersign.stop();
    const ofRequest = countersign.log.events().filter(({ stream }) => stream.endsWith(id));
    eventTraces = new Set(ofRequest.map(({ metadata }) => metadata.traceparent?.split('-')[1]));
  } finally {
    await countersign.dispose();
  }
});
afterAll(() => collector.stop());

const named = (name: string): readonly CollectedSpan[] =>
  collector.spans.filter((span) => span.name === name);

const one = (name: string): CollectedSpan => {
  const [span, ...others] = named(name);
  expect(others, `${name} stands once`).toEqual([]);
  return span!;
};

const attributesOf = ({ attributes }: CollectedSpan): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe('the trace of a request', () => {
  it("is one, the requester's own, from the call through policy, review, decision, grant and redemption to the projection", () => {
    const inTrace = collector.spans.filter(({ traceId }) => traceId === TRACE_ID);
    expect(new Set(inTrace.map(({ name }) => name))).toEqual(
      new Set([
        'POST /v1/requests',
        'append request',
        'policy.evaluate',
        'append review',
        'notification.deliver',
        'append delivery',
        'policy.record_decision',
        'credentials.claim_grant',
        'append grant',
        'credentials.redeem_grant',
        `send ${REAUTHORIZE}`,
        `process ${REAUTHORIZE}`,
        'policy.reauthorize',
        'credentials.report_outcome',
        'audit.project',
      ]),
    );
    expect(one('POST /v1/requests').parentSpanId).toBe(CALLER_SPAN);
  });

  it('stands on every event of the request', () => {
    expect(eventTraces).toEqual(new Set([TRACE_ID]));
  });

  it.each([
    ['policy.record_decision', 'POST /v1/reviews/:id/decisions'],
    ['credentials.claim_grant', 'POST /v1/grants'],
    ['credentials.redeem_grant', 'POST /v1/grants/redemptions'],
    ['credentials.report_outcome', 'POST /v1/grants/:id/outcome'],
  ])('links %s to the trace of the call that caused it, whoever made it: %s', (inThread, call) => {
    const caller = one(call);
    expect(caller.traceId).not.toBe(TRACE_ID);
    expect(one(inThread).links).toMatchObject([{ traceId: caller.traceId, spanId: caller.spanId }]);
  });

  it('goes across NATS from the one who asks to the one who answers', () => {
    const [asked, answered] = [one(`send ${REAUTHORIZE}`), one(`process ${REAUTHORIZE}`)];
    expect(asked.parentSpanId).toBe(one('credentials.redeem_grant').spanId);
    expect(answered.parentSpanId).toBe(asked.spanId);
    expect(one('policy.reauthorize').parentSpanId).toBe(answered.spanId);
  });

  it("names things by OpenTelemetry's conventions", () => {
    const [server, client, internal] = [2, 3, 1];
    const http = one('POST /v1/requests');
    expect(http.kind).toBe(server);
    expect(attributesOf(http)).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/requests',
      'http.response.status_code': 202,
      'url.path': '/v1/requests',
      'url.scheme': 'http',
    });
    const asked = one(`send ${REAUTHORIZE}`);
    expect(asked.kind).toBe(client);
    expect(attributesOf(asked)).toMatchObject({
      'messaging.system': 'nats',
      'messaging.operation.type': 'send',
      'messaging.destination.name': REAUTHORIZE,
    });
    expect(one('policy.evaluate').kind).toBe(internal);
  });

  it('comes with the metrics', () => {
    expect([...collector.metrics]).toEqual(
      expect.arrayContaining([
        'countersign.requests',
        'countersign.review.decision_wait',
        'countersign.append.duration',
        'countersign.projection.lag',
        'countersign.work.overdue',
        'http.server.request.duration',
      ]),
    );
  });
});

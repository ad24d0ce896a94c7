import type { Attributes, Counter, Histogram, Span, SpanKind } from '@opentelemetry/api';

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** W3C traceparent to continue instead of the span in hand. */
  readonly parentTraceparent?: string | undefined;
  /** W3C traceparents to link to; malformed ones are left out. */
  readonly links?: readonly string[];
}

export interface Telemetry {
  /** Runs `fn` in a span: a child of the one in hand, or of `parentTraceparent`. A throw marks it failed. */
  inSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => Promise<T>): Promise<T>;

  /**
   * Runs `fn` in a span of a request's own trace, which began when the request was made and is kept in
   * its events (`metadata.traceparent`), with a link to the span in hand: so one trace tells the whole
   * life in spite of the human pause. Without a traceparent it is an ordinary child span.
   */
  inThread<T>(
    name: string,
    traceparent: string | undefined,
    options: Omit<SpanOptions, 'parentTraceparent'>,
    fn: (span: Span) => Promise<T>,
  ): Promise<T>;

  /** W3C traceparent of the span in hand; undefined where nothing is traced. */
  traceparent(): string | undefined;

  readonly metrics: Metrics;
  /** All metrics in Prometheus' text format. */
  prometheus(): Promise<string>;
  /** Sends what is still held back. */
  close(): Promise<void>;
}

/** Reads a current value when metrics are collected; attributes tell several apart. */
export type Gauge = (read: () => number, attributes?: Attributes) => void;

export interface Metrics {
  /** Requests that reached a status; attribute `status`. */
  readonly requests: Counter;
  /** Seconds from opening a review to its end; attribute `outcome`. */
  readonly decisionWait: Histogram;
  /** Decisions and redemptions that were refused; attributes `kind`, `code`. */
  readonly refusedAttempts: Counter;
  /** Records that no service of ours can have written; attribute `code`. Never zero without somebody to look. */
  readonly alarms: Counter;
  /** Seconds from handing an append to the store to its answer; attributes `category`, `result`. */
  readonly appendLatency: Histogram;
  /** Seconds a request of HTTP took (`http.server.request.duration`). */
  readonly httpDuration: Histogram;
  /** Submissions, beside repeats of what stands; attribute `result`: `admitted`, or the code of the refusal. */
  readonly admissions: Counter;
  /** Requests that policy hasn't evaluated, as intake counts them. */
  readonly unevaluatedRequests: Gauge;
  /** Submissions that wait for their turn in this process. */
  readonly waitingSubmissions: Gauge;
  readonly openReviews: Gauge;
  /** Seconds between the log's newest event and the view; attribute `view`. */
  readonly projectionLag: Gauge;
  /** Attempts to show a card that failed; attributes `kind` of channel, `code`, `final`: it was given up. */
  readonly notificationFailures: Counter;
  /** Seconds from opening a review to its card in a channel; attribute `kind`. */
  readonly deliveryDelay: Histogram;
  /** Cards that ask for a decision and that nobody sees yet; attribute `kind`. */
  readonly deliveryBacklog: Gauge;
  /** Seconds that the oldest of them has waited; attribute `kind`. */
  readonly oldestDelivery: Gauge;
  /** Items whose time has come and which aren't done; attribute `work`. */
  readonly overdueWork: Gauge;
}

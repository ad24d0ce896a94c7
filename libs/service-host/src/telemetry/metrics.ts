import type { Attributes, Meter } from '@opentelemetry/api';
import type { Gauge, Metrics } from './telemetry.ts';

/** Seconds: from a local append to a slow call. */
const FAST_S = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** Seconds: from an approver at the screen to a review that waits over night. */
const HUMAN_S = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 14_400, 86_400];

const gauge = (meter: Meter, name: string, description: string, unit: string): Gauge => {
  const instrument = meter.createObservableGauge(name, { description, unit });
  return (read: () => number, attributes: Attributes = {}) =>
    instrument.addCallback((result) => result.observe(read(), attributes));
};

const histogram = (meter: Meter, name: string, description: string, explicitBucketBoundaries: number[]) =>
  meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries } });

export const createMetrics = (meter: Meter): Metrics => ({
  requests: meter.createCounter('countersign.requests', {
    description: 'Requests that reached a status',
    unit: '{request}',
  }),
  decisionWait: histogram(
    meter,
    'countersign.review.decision_wait',
    'From the opening of a review to its end',
    HUMAN_S,
  ),
  refusedAttempts: meter.createCounter('countersign.attempts.refused', {
    description: 'Decisions and redemptions that were refused',
    unit: '{attempt}',
  }),
  alarms: meter.createCounter('countersign.alarms', {
    description: 'Records that can not be trusted',
    unit: '{alarm}',
  }),
  appendLatency: histogram(
    meter,
    'countersign.append.duration',
    'From handing an append to the store to its answer',
    FAST_S,
  ),
  httpDuration: histogram(meter, 'http.server.request.duration', 'Duration of HTTP server requests', FAST_S),
  admissions: meter.createCounter('countersign.admissions', {
    description: 'New requests that were admitted or refused at the door',
    unit: '{request}',
  }),
  unevaluatedRequests: gauge(
    meter,
    'countersign.requests.unevaluated',
    'Requests that wait for their evaluation',
    '{request}',
  ),
  waitingSubmissions: gauge(
    meter,
    'countersign.submissions.waiting',
    'Submissions that wait for their turn',
    '{request}',
  ),
  openReviews: gauge(meter, 'countersign.reviews.open', 'Reviews that wait for a decision', '{review}'),
  projectionLag: gauge(meter, 'countersign.projection.lag', "From the log's newest event to the view", 's'),
  notificationFailures: meter.createCounter('countersign.notification.failed', {
    description: 'Attempts to show a card that failed; final: it was given up',
    unit: '{attempt}',
  }),
  deliveryDelay: histogram(
    meter,
    'countersign.notification.delay',
    'From the opening of a review to its card in a channel',
    FAST_S,
  ),
  deliveryBacklog: gauge(
    meter,
    'countersign.notification.waiting',
    'Cards that ask for a decision and that nobody sees yet',
    '{card}',
  ),
  oldestDelivery: gauge(
    meter,
    'countersign.notification.oldest_wait',
    'How long the oldest card that nobody sees yet has waited',
    's',
  ),
  overdueWork: gauge(
    meter,
    'countersign.work.overdue',
    'Work whose time has come and which is not done',
    '{item}',
  ),
});

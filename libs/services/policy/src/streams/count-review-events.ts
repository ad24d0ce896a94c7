import { recordOf, type Review, type ReviewEvent } from '@countersign/domain-review';
import { toEpochMs, type Timestamp } from '@countersign/kernel';
import type { Metrics } from '@countersign/service-host';

/** The status a request reaches by an event of its review, and when; undefined for those that change none. */
const reached = (
  event: ReviewEvent,
): { readonly status: string; readonly endedAt?: Timestamp } | undefined => {
  switch (event.type) {
    case 'ReviewOpened':
      return { status: 'pending' };
    case 'ReviewApproved':
      return { status: 'approved', endedAt: event.data.approvedAt };
    case 'ReviewDenied':
      return { status: 'denied', endedAt: event.data.deniedAt };
    case 'ReviewExpired':
      return {
        status: event.data.cause === 'timeout' ? 'expired' : 'undeliverable',
        endedAt: event.data.expiredAt,
      };
    case 'ReviewCancelled':
      return { status: 'cancelled', endedAt: event.data.cancelledAt };
    case 'PolicyEvaluated':
    case 'DecisionRecorded':
    case 'ReviewEscalated':
      return undefined;
    default:
      return event satisfies never;
  }
};

/** Requests by status, and how long a review waited for its end. */
export const countReviewEvents = (
  metrics: Pick<Metrics, 'requests' | 'decisionWait'>,
  review: Review,
  events: readonly ReviewEvent[],
): void => {
  const openedAt = recordOf(review)?.opened.openedAt;
  for (const event of events) {
    const { status, endedAt } = reached(event) ?? {};
    if (status === undefined) continue;
    metrics.requests.add(1, { status });
    if (openedAt === undefined || endedAt === undefined) continue;
    metrics.decisionWait.record((toEpochMs(endedAt) - toEpochMs(openedAt)) / 1_000, { outcome: status });
  }
};

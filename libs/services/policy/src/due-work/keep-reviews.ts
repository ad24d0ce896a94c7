import { toTimestamp } from '@countersign/kernel';
import { startDueWork, type DueWorkContext } from '@countersign/service-host';
import type { EnsureReview } from './ensure-review.ts';
import { REVIEWS_PROJECTION } from './reviews-projection.ts';
import { ReviewsView } from './reviews-view.ts';

/**
 * Looks after every review, whoever else does: follows the log into a view, hears the doorbells of new
 * requests, and does what is due. Doorbells make it fast; the view makes it sure.
 */
export const keepReviews = (context: DueWorkContext, ensureReview: EnsureReview): ReviewsView => {
  const { view } = startDueWork(context, {
    name: 'reviews',
    projection: REVIEWS_PROJECTION,
    due: (view, nowMs) => new ReviewsView(view).due(toTimestamp(nowMs)),
    ensure: (requestId) => ensureReview.ensure(requestId),
    hears: ['request'],
  });
  const reviews = new ReviewsView(view);
  context.telemetry.metrics.openReviews(() => reviews.openReviews());
  return reviews;
};

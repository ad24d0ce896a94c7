import { parseStreamName } from '@countersign/event-store';
import { DueWork, Follower, type View } from '@countersign/follower';
import { timestampNow, toEpochMs } from '@countersign/kernel';
import type { LifecycleParticipant, ServiceContext, Unready } from '@countersign/service-host';
import type { EnsureReview } from './ensure-review.ts';
import { REVIEWS_PROJECTION } from './reviews-projection.ts';
import { ReviewsView } from './reviews-view.ts';

type Dependencies = Pick<ServiceContext, 'store' | 'bus' | 'clock' | 'telemetry' | 'log'> & {
  readonly view: View;
  readonly ensureReview: EnsureReview;
};

/**
 * Looks after every review, whoever else does: follows the log into a view, hears the doorbells of new
 * requests, and does what is due. Doorbells make it fast; the view makes it sure.
 */
export class ReviewKeeper implements LifecycleParticipant {
  readonly name = 'reviews';
  readonly reviews: ReviewsView;
  readonly #with: Dependencies;
  readonly #follower: Follower;
  readonly #dueWork: DueWork;
  #stopHearing: () => void = () => undefined;

  constructor(dependencies: Dependencies) {
    const { store, view, clock, log, ensureReview } = dependencies;
    this.#with = dependencies;
    this.reviews = new ReviewsView(view);
    this.#follower = new Follower({
      store,
      view,
      projection: REVIEWS_PROJECTION,
      onProblem: (error) => log.error('The view of the reviews has trouble following the log.', { error }),
    });
    this.#dueWork = new DueWork({
      due: () => this.reviews.due(timestampNow(clock)),
      ensure: (requestId) => ensureReview.ensure(requestId),
      clock,
      onError: (error, requestId) => log.warn('A review could not be looked after.', { requestId, error }),
    });
  }

  start(): void {
    const { bus } = this.#with;
    this.#measure();
    this.#follower.start();
    this.#follower.caughtUp.then(
      () => this.#dueWork.start(),
      () => undefined,
    );
    this.#stopHearing = bus.hear({ category: 'request', queue: 'policy' }, ({ stream }) =>
      this.#dueWork.nudge(parseStreamName(stream).id),
    );
  }

  async stop(): Promise<void> {
    this.#stopHearing();
    await this.#dueWork.stop();
    await this.#follower.stop();
    this.#with.view.close();
  }

  ready(): Unready {
    const { state } = this.#follower.status();
    return state === 'live' ? undefined : `The view of the reviews is ${state}.`;
  }

  #measure(): void {
    const { metrics } = this.#with.telemetry;
    metrics.openReviews(() => this.reviews.openReviews());
    metrics.overdueWork(() => this.#dueWork.status().overdue, { work: 'reviews' });
    metrics.projectionLag(() => this.#lagSeconds(), { view: 'reviews' });
  }

  #lagSeconds(): number {
    const { state, lastCommittedAt } = this.#follower.status();
    if (state === 'live' || lastCommittedAt === undefined) return 0;
    return Math.max(0, this.#with.clock.nowMs() - toEpochMs(lastCommittedAt)) / 1_000;
  }
}

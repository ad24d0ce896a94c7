import { escalateReview, expireReview, isPastDeadline, type ReviewEvent } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow, type Outcome } from '@countersign/kernel';
import type { ServiceContext } from '@countersign/service-host';
import type { EnsureEvaluated } from '../evaluation/ensure-evaluated.ts';
import { POLICY_SERVICE } from '../policies/service-actor.ts';
import type { ExpiryCause } from './expiry-cause.ts';
import type { LoadedReview, ReviewStreams } from '../streams/review-streams.ts';

export interface EnsureReviewDependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly ensureEvaluated: EnsureEvaluated;
  readonly streams: ReviewStreams;
  readonly expiryCause: ExpiryCause;
}

/**
 * Whatever a review needs by now: its evaluation, its escalation, its expiry. Any replica may call it,
 * at any time, as often as it likes; the conditional append picks one.
 */
export class EnsureReview {
  readonly #with: EnsureReviewDependencies;

  constructor(dependencies: EnsureReviewDependencies) {
    this.#with = dependencies;
  }

  async ensure(requestId: string): Promise<void> {
    await retryOnConflict(async () => {
      const loaded = await this.#with.ensureEvaluated.ensure(requestId);
      if (loaded === undefined) return;
      const outcome = await this.#due(loaded);
      if (outcome.kind === 'decided') await this.#append(loaded, outcome.events);
    });
  }

  /** At its deadline a review expires, and nothing else is due any more. */
  async #due(loaded: LoadedReview): Promise<Outcome<ReviewEvent, never>> {
    const { request, review } = loaded;
    const now = timestampNow(this.#with.clock);
    if (review.status !== 'open' || !isPastDeadline(now, review.record.opened)) {
      return escalateReview({ request, now }, review);
    }
    return expireReview({ cause: await this.#with.expiryCause.of(loaded), now }, review);
  }

  #append(loaded: LoadedReview, events: readonly ReviewEvent[]): Promise<LoadedReview> {
    const attributes = { 'countersign.request.id': loaded.request.requestId };
    const { traceparent } = loaded.event.metadata;
    return this.#with.telemetry.inThread('policy.keep_time', traceparent, { attributes }, () =>
      this.#with.streams.append(loaded, events, { actor: POLICY_SERVICE }),
    );
  }
}

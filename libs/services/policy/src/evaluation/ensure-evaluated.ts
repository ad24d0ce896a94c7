import { evaluateRequest } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow } from '@countersign/kernel';
import type { ServiceContext } from '@countersign/service-host';
import type { ActivePolicies } from '../policies/active-policies.ts';
import { POLICY_SERVICE } from '../policies/service-actor.ts';
import type { LoadedReview, ReviewStreams } from '../streams/review-streams.ts';

export interface EnsureEvaluatedDependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: ReviewStreams;
  readonly policies: ActivePolicies;
}

/**
 * Brings a review up to date with its request: evaluates what hasn't been, once, whoever asks and however
 * often. Every command does this first, so that none depends on a doorbell having been heard.
 */
export class EnsureEvaluated {
  readonly #with: EnsureEvaluatedDependencies;
  readonly #inHand = new Map<string, Promise<LoadedReview>>();

  constructor(dependencies: EnsureEvaluatedDependencies) {
    this.#with = dependencies;
  }

  /**
   * The evaluated review, or undefined where no such request exists. `no_policy_set` and
   * `policy_unavailable` leave the request as it is: nothing is denied for want of a set.
   */
  ensure(requestId: string): Promise<LoadedReview | undefined> {
    return retryOnConflict(async () => {
      const loaded = await this.#with.streams.load(requestId);
      return loaded?.review.status === 'unevaluated' ? this.#evaluateOnce(loaded) : loaded;
    });
  }

  /**
   * A doorbell and a command often meet here: one evaluates, the other takes what came of it, which is newer
   * than what it had loaded itself. Other replicas are met by the conditional append.
   */
  async #evaluateOnce(loaded: LoadedReview): Promise<LoadedReview> {
    const { requestId } = loaded.request;
    const others = this.#inHand.get(requestId);
    if (others !== undefined) return others;
    const evaluating = this.#evaluate(loaded);
    this.#inHand.set(requestId, evaluating);
    try {
      return await evaluating;
    } finally {
      this.#inHand.delete(requestId);
    }
  }

  #evaluate(loaded: LoadedReview): Promise<LoadedReview> {
    const { telemetry, policies, clock, streams } = this.#with;
    const { request, event } = loaded;
    return telemetry.inThread('policy.evaluate', event.metadata.traceparent, {}, async (span) => {
      const { loaded: engine, set } = await policies.current();
      const evaluation = engine.evaluate(request);
      span.setAttributes({
        'countersign.request.id': request.requestId,
        'countersign.policy_set.digest': set.digest,
        'countersign.evaluation': evaluation.kind,
      });
      const now = timestampNow(clock);
      const outcome = evaluateRequest({ request, evaluation, directory: set.directory, now }, loaded.review);
      if (outcome.kind !== 'decided') return loaded;
      return streams.append(loaded, outcome.events, { actor: POLICY_SERVICE, causationId: event.id });
    });
  }
}

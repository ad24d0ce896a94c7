import { groupsOf, ownerOf, type DirectoryIndex } from '@countersign/domain-directory';
import { cancelReview, type CancellationRefusal } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, timestampNow } from '@countersign/kernel';
import { actorOf, inHand, notFound, type Caller, type ServiceContext } from '@countersign/service-host';
import type { EnsureEvaluated } from '../evaluation/ensure-evaluated.ts';
import type { ActivePolicies } from '../policies/active-policies.ts';
import type { LoadedReview, ReviewStreams } from '../streams/review-streams.ts';

/** `approved`: nothing is left to cancel here; taking it back is the grant's revocation. */
export interface Cancellation {
  readonly result: 'cancelled' | 'approved';
}

export interface CancelReviewDependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly ensureEvaluated: EnsureEvaluated;
  readonly streams: ReviewStreams;
  readonly policies: ActivePolicies;
}

/** Takes a request back, for its requester or owner. The same again is answered as the first time. */
export class CancelReview {
  readonly #with: CancelReviewDependencies;

  constructor(dependencies: CancelReviewDependencies) {
    this.#with = dependencies;
  }

  /** `not_found` for everybody else; `review_closed` where it ended otherwise than by approval. */
  async cancel(requestId: string, caller: Caller): Promise<Cancellation> {
    const first = await this.#load(requestId);
    const attributes = { 'countersign.request.id': requestId };
    const { traceparent } = first.event.metadata;
    return this.#with.telemetry.inThread('policy.cancel_review', traceparent, { attributes }, () => {
      const next = inHand(first, () => this.#load(requestId));
      return retryOnConflict(async () => this.#attempt(await next(), caller));
    });
  }

  async #load(requestId: string): Promise<LoadedReview> {
    const loaded = await this.#with.ensureEvaluated.ensure(requestId);
    if (loaded === undefined) throw notFound();
    return loaded;
  }

  async #attempt(loaded: LoadedReview, caller: Caller): Promise<Cancellation> {
    const { policies, clock, streams } = this.#with;
    const { directory } = await policies.current();
    const outcome = cancelReview(
      {
        by: caller.principal.ref,
        groups: groupsNow(caller, directory),
        requester: loaded.request.subject,
        ownerNow: ownerOf(directory, loaded.request.subject),
        now: timestampNow(clock),
      },
      loaded.review,
    );
    if (outcome.kind === 'refused') return settleRefusal(outcome.refusal, loaded);
    if (outcome.kind === 'decided') await streams.append(loaded, outcome.events, { actor: actorOf(caller) });
    return { result: 'cancelled' };
  }
}

const groupsNow = ({ principal }: Caller, directory: DirectoryIndex): readonly string[] =>
  principal.kind === 'person' ? groupsOf(directory, principal.ref.id) : [];

const settleRefusal = (refusal: CancellationRefusal, { review }: LoadedReview): Cancellation => {
  if (refusal === 'not_allowed') throw notFound();
  if (review.status === 'approved') return { result: 'approved' };
  throw new CodedError('review_closed', 'The review has ended; there is nothing left to cancel.', {
    members: { reason: review.status },
  });
};

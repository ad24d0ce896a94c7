import { renderRequest, type RequestView, type ReviewsPage, type ReviewsQuery } from '@countersign/contracts';
import { groupsOf, ownerOf } from '@countersign/domain-directory';
import { foldThread } from '@countersign/domain-thread';
import { standingRefusal } from '@countersign/domain-review';
import { timestampNow } from '@countersign/kernel';
import { isUntrustedRecord, type Caller, type Logger, type ServiceContext } from '@countersign/service-host';
import { approverOf, deciderByToken } from '../decisions/decider.ts';
import type { OpenReviewKey, ReviewsView } from '../due-work/reviews-view.ts';
import type { ActivePolicies, CurrentPolicies } from '../policies/active-policies.ts';
import type { LoadedReview, ReviewStreams } from '../streams/review-streams.ts';
import { formatCursor, parseCursor } from './review-cursor.ts';

/** Reviews that one call looks at, however few of them the caller may decide. */
const MAX_LOOKED_AT = 500;

export interface ListOpenReviewsDependencies extends Pick<ServiceContext, 'clock'> {
  readonly reviews: ReviewsView;
  readonly streams: ReviewStreams;
  readonly policies: ActivePolicies;
  readonly log: Logger;
}

/**
 * The reviews this person may decide now. The view proposes; each review is then folded from its streams
 * and asked the very questions that a decision on it will be asked.
 */
export class ListOpenReviews {
  readonly #with: ListOpenReviewsDependencies;

  constructor(dependencies: ListOpenReviewsDependencies) {
    this.#with = dependencies;
  }

  /** Automata and suspended persons decide nothing, so their list is empty. `invalid_cursor`. */
  async list(caller: Caller, { limit, cursor }: ReviewsQuery): Promise<ReviewsPage> {
    const policies = await this.#with.policies.current();
    const groups = groupsOf(policies.directory, caller.principal.ref.id);
    if (caller.principal.kind !== 'person' || groups.length === 0) return { reviews: [] };
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    const candidates = this.#with.reviews.candidates(groups, MAX_LOOKED_AT, after);
    const reviews: RequestView[] = [];
    for (const [index, candidate] of candidates.entries()) {
      const loaded = await this.#mayDecide(candidate, caller, policies);
      if (loaded !== undefined) reviews.push(render(loaded));
      if (reviews.length === limit) return page(reviews, candidate, index + 1 < candidates.length);
    }
    const last = candidates.at(-1);
    return page(reviews, last, candidates.length === MAX_LOOKED_AT);
  }

  /** A record that can't be trusted has raised its alarm by now; it is nobody's to decide. */
  async #mayDecide(
    { requestId }: OpenReviewKey,
    caller: Caller,
    policies: CurrentPolicies,
  ): Promise<LoadedReview | undefined> {
    try {
      const loaded = await this.#with.streams.load(requestId);
      return loaded !== undefined && this.#isOpenTo(loaded, caller, policies) ? loaded : undefined;
    } catch (error) {
      if (!isUntrustedRecord(error)) throw error;
      this.#with.log.warn('An open review is left out of the list.', { requestId, error });
      return undefined;
    }
  }

  #isOpenTo({ request, review }: LoadedReview, caller: Caller, { directory }: CurrentPolicies): boolean {
    const now = timestampNow(this.#with.clock);
    if (review.status !== 'open' || review.record.opened.expiresAt <= now) return false;
    const approver = approverOf(deciderByToken(caller), directory);
    if (review.record.decisions.some(({ approver: id }) => id === approver.id)) return false;
    const ownerNow = ownerOf(directory, request.subject);
    return standingRefusal({ request, approver, ownerNow, now }, review) === undefined;
  }
}

const render = ({ request, events }: LoadedReview): RequestView =>
  renderRequest(foldThread({ request, review: events, grant: [] }));

const page = (reviews: RequestView[], last: OpenReviewKey | undefined, isMore: boolean): ReviewsPage => ({
  reviews,
  ...(isMore && last !== undefined && { nextCursor: formatCursor(last) }),
});

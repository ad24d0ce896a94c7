import {
  evolveReview,
  foldReview,
  reviewEvents,
  type Review,
  type ReviewEvent,
} from '@countersign/domain-review';
import { streamName, type Actor, type ExpectedRevision, type RecordedEvent } from '@countersign/event-store';
import { alarmed, requestFrom, type LoadedRequest, type ServiceContext } from '@countersign/service-host';
import { countReviewEvents } from './count-review-events.ts';

/** A request and its review as they stand, both verified. */
export interface LoadedReview extends LoadedRequest {
  readonly review: Review;
  readonly events: readonly ReviewEvent[];
  readonly expectedRevision: ExpectedRevision;
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'writer' | 'telemetry' | 'log'>;

/** Reads `request-` and `review-` streams, trusting nothing that isn't signed by its writer; appends to `review-`. */
export class ReviewStreams {
  readonly #context: Dependencies;

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /** Undefined where no such request exists. What can't be trusted throws, and raises the alarm. */
  async load(requestId: string): Promise<LoadedReview | undefined> {
    const requestStream = streamName('request', requestId);
    const reviewStream = streamName('review', requestId);
    const { store } = this.#context;
    const [ofRequest, ofReview] = await Promise.all([
      store.readStream(requestStream),
      store.readStream(reviewStream),
    ]);
    return alarmed(this.#context, requestId, () => {
      this.#context.verifier.verify(requestStream, ofRequest);
      this.#context.verifier.verify(reviewStream, ofReview);
      return joined(requestId, ofRequest, ofReview);
    });
  }

  /** In one append, at the revision that was loaded; `wrong_expected_revision` where somebody was faster. */
  async append(
    loaded: LoadedReview,
    events: readonly ReviewEvent[],
    { actor, causationId }: { readonly actor: Actor; readonly causationId?: string },
  ): Promise<LoadedReview> {
    const { requestId } = loaded.request;
    const { writer, telemetry } = this.#context;
    const { revision } = await writer.append(
      streamName('review', requestId),
      loaded.expectedRevision,
      events,
      {
        actor,
        correlationId: requestId,
        causationId,
        traceparent: telemetry.traceparent() ?? loaded.event.metadata.traceparent,
      },
    );
    const review = events.reduce(evolveReview, loaded.review);
    countReviewEvents(telemetry.metrics, review, events);
    return { ...loaded, review, events: [...loaded.events, ...events], expectedRevision: revision };
  }
}

const joined = (
  requestId: string,
  ofRequest: readonly RecordedEvent[],
  ofReview: readonly RecordedEvent[],
): LoadedReview | undefined => {
  const request = requestFrom(requestId, ofRequest);
  if (request === undefined) return undefined;
  const events = reviewEvents(ofReview);
  return {
    ...request,
    review: foldReview(events),
    events,
    expectedRevision: ofReview.at(-1)?.revision ?? 'no-stream',
  };
};

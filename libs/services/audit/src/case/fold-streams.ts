import type { AuditCase } from '@countersign/contracts';
import type { ActionRequested } from '@countersign/domain-action';
import {
  foldGrant,
  grantEvents,
  UNOPENED,
  type Grant,
  type RedemptionRefused,
} from '@countersign/domain-grant';
import {
  foldReview,
  reviewEvents,
  UNEVALUATED,
  type DecisionRefused,
  type Review,
} from '@countersign/domain-review';
import { streamName } from '@countersign/event-store';
import { knownEvents } from '@countersign/kernel';
import { isUntrustedRecord, requestFrom } from '@countersign/service-host';
import type { RequestStreams } from '../record/request-streams.ts';

type Problem = AuditCase['problems'][number];

/** What could be made of the streams; a part that couldn't be folded is as if nothing had happened there. */
export interface FoldedStreams {
  readonly request: ActionRequested['data'] | undefined;
  readonly review: Review;
  readonly grant: Grant;
  readonly refusedDecisions: readonly DecisionRefused[];
  readonly refusedRedemptions: readonly RedemptionRefused[];
  readonly problems: readonly Problem[];
}

/** Folds each stream by itself, so that what is wrong with one doesn't hide the others. */
export const foldStreams = (requestId: string, streams: RequestStreams): FoldedStreams => {
  const problems: Problem[] = [];
  const attempt = <Part>(category: keyof RequestStreams, otherwise: Part, fold: () => Part): Part => {
    try {
      return fold();
    } catch (error) {
      problems.push(problemIn(streamName(category, requestId), error));
      return otherwise;
    }
  };
  return {
    request: attempt('request', undefined, () => requestFrom(requestId, streams.request)?.request),
    review: attempt('review', UNEVALUATED, () => foldReview(reviewEvents(streams.review))),
    grant: attempt('grant', UNOPENED, () => foldGrant(grantEvents(streams.grant))),
    refusedDecisions: attempt('reviewattempt', [], () =>
      knownEvents<DecisionRefused>({ DecisionRefused: true }, streams.reviewattempt),
    ),
    refusedRedemptions: attempt('grantattempt', [], () =>
      knownEvents<RedemptionRefused>({ RedemptionRefused: true }, streams.grantattempt),
    ),
    problems,
  };
};

/** Only what says that the record is wrong; a bug of ours must not pass for one. */
const problemIn = (stream: string, error: unknown): Problem => {
  if (isUntrustedRecord(error)) return { code: error.code, detail: error.message, stream };
  throw error;
};

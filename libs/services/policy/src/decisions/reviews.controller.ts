import { Controller, Inject } from '@nestjs/common';
import {
  decisionBody,
  decisionView,
  reviewsPage,
  reviewsQuery,
  type DecisionBody,
  type DecisionView,
  type ReviewsPage,
  type ReviewsQuery,
} from '@countersign/contracts';
import {
  ApiBody,
  ApiParams,
  ApiQuery,
  ApiRoute,
  CurrentCaller,
  reply,
  type Caller,
  type Reply,
} from '@countersign/service-host';
import { z } from 'zod';
import { ListOpenReviews } from '../open-reviews/list-open-reviews.ts';
import { deciderByToken } from './decider.ts';
import { RecordDecision } from './record-decision.ts';

const reviewParams = z.object({ id: z.uuid() });
type ReviewParams = z.infer<typeof reviewParams>;

@Controller()
export class ReviewsController {
  readonly #recordDecision: RecordDecision;
  readonly #listOpenReviews: ListOpenReviews;

  constructor(
    @Inject(RecordDecision) recordDecision: RecordDecision,
    @Inject(ListOpenReviews) listOpenReviews: ListOpenReviews,
  ) {
    this.#recordDecision = recordDecision;
    this.#listOpenReviews = listOpenReviews;
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/reviews',
    summary: 'The reviews you may decide now',
    tags: ['reviews'],
    query: reviewsQuery,
    responses: { 200: { description: 'Open reviews, the latest deadline first', schema: reviewsPage } },
    errors: ['invalid_cursor', 'no_policy_set'],
  })
  list(@ApiQuery() query: ReviewsQuery, @CurrentCaller() caller: Caller): Promise<ReviewsPage> {
    return this.#listOpenReviews.list(caller, query);
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/reviews/:id/decisions',
    summary: 'Approve or deny',
    description:
      'By a verified person of a required group who is neither initiator nor owner. ' +
      'A refusal names its precise reason in `reason`, and is recorded.',
    tags: ['reviews'],
    params: reviewParams,
    body: decisionBody,
    responses: {
      201: { description: 'The decision is recorded', schema: decisionView },
      200: { description: 'The same decision stood already', schema: decisionView },
    },
    errors: [
      'not_found',
      'not_human',
      'self_approval',
      'not_eligible',
      'digest_mismatch',
      'already_decided',
      'review_closed',
      'record_not_trusted',
      'no_policy_set',
    ],
  })
  async decide(
    @ApiParams() { id }: ReviewParams,
    @ApiBody() body: DecisionBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Reply<DecisionView>> {
    const command = { ...body, requestId: id };
    const { isNew, view } = await this.#recordDecision.record(command, deciderByToken(caller));
    return reply(isNew ? 201 : 200, view);
  }
}

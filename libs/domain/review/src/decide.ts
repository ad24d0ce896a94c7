import type { Outcome } from '@countersign/kernel';
import { cancelReview, type CancellationRefusal, type CancelReview } from './cancel-review.ts';
import { escalateReview, type EscalateReview } from './escalate-review.ts';
import { evaluateRequest, type EvaluateRequest } from './evaluate-request.ts';
import { expireReview, type ExpireReview } from './expire-review.ts';
import { recordDecision, type RecordDecision } from './record-decision.ts';
import type { DecisionRefusal, ReviewEvent } from './review-events.ts';
import type { Review } from './review.ts';

export type ReviewCommand =
  | ({ readonly type: 'EvaluateRequest' } & EvaluateRequest)
  | ({ readonly type: 'RecordDecision' } & RecordDecision)
  | ({ readonly type: 'CancelReview' } & CancelReview)
  | ({ readonly type: 'EscalateReview' } & EscalateReview)
  | ({ readonly type: 'ExpireReview' } & ExpireReview);

export type ReviewRefusal = DecisionRefusal | CancellationRefusal;

export const decide = (command: ReviewCommand, review: Review): Outcome<ReviewEvent, ReviewRefusal> => {
  switch (command.type) {
    case 'EvaluateRequest':
      return evaluateRequest(command, review);
    case 'RecordDecision':
      return recordDecision(command, review);
    case 'CancelReview':
      return cancelReview(command, review);
    case 'EscalateReview':
      return escalateReview(command, review);
    case 'ExpireReview':
      return expireReview(command, review);
    default:
      return command satisfies never;
  }
};

import type { Owner } from '@countersign/domain-directory';
import {
  decided,
  refused,
  sameEntity,
  UNCHANGED,
  type EntityRef,
  type Outcome,
  type Timestamp,
} from '@countersign/kernel';
import type { ReviewCancelled } from './review-events.ts';
import { recordOf, type Review } from './review.ts';

export interface CancelReview {
  readonly by: EntityRef;
  /** Groups of `by` by the directory of now; empty for a requester. */
  readonly groups: readonly string[];
  readonly requester: EntityRef;
  /** By the directory of now; undefined where it doesn't know the requester any more. */
  readonly ownerNow: Owner | undefined;
  readonly now: Timestamp;
}

export type CancellationRefusal = 'not_allowed' | 'review_closed';

/** Taking a request back only ever takes authority away: any person of an owning group may. */
const speaksFor = ({ by, groups }: CancelReview, owner: Owner | undefined): boolean => {
  if (by.type !== 'User' || owner === undefined) return false;
  return owner.type === 'User' ? owner.id === by.id : groups.includes(owner.id);
};

/** After an approval it is `review_closed`: taking it back is then the grant's revocation. */
export const cancelReview = (
  command: CancelReview,
  review: Review,
): Outcome<ReviewCancelled, CancellationRefusal> => {
  const owners = [recordOf(review)?.opened.owner, command.ownerNow];
  if (!sameEntity(command.by, command.requester) && !owners.some((owner) => speaksFor(command, owner))) {
    return refused('not_allowed');
  }
  if (review.status === 'cancelled') return UNCHANGED;
  if (review.status !== 'open') return refused('review_closed');
  const { requestId } = review.record.opened;
  const { type, id } = command.by;
  return decided({
    type: 'ReviewCancelled',
    data: { requestId, by: { type, id }, cancelledAt: command.now },
  });
};

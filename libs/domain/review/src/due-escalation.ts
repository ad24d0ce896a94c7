import type { Timestamp } from '@countersign/kernel';
import { isPastDeadline } from './expire-review.ts';
import { isEscalated } from './quorum.ts';
import type { ReviewEscalated } from './review-events.ts';
import { notBefore, type Review } from './review.ts';

/** The escalation that is due, or undefined: never before its time, after the deadline, or twice. */
export const dueEscalation = (now: Timestamp, review: Review): ReviewEscalated | undefined => {
  if (review.status !== 'open') return undefined;
  const { opened, escalatedAt } = review.record;
  const at = notBefore(now, review.record);
  if (isPastDeadline(at, opened)) return undefined;
  const due = opened.requirements.filter(
    (requirement) => isEscalated(requirement, at) && !isEscalated(requirement, escalatedAt),
  );
  if (due.length === 0) return undefined;
  const groups = [...new Set(due.flatMap(({ escalation }) => escalation?.to ?? []))];
  return { type: 'ReviewEscalated', data: { requestId: opened.requestId, groups, escalatedAt: at } };
};

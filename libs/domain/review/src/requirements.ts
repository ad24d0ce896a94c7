import { plusMs, type Timestamp } from '@countersign/kernel';
import type { Obligations } from './evaluation.ts';
import type { Requirement } from './review-events.ts';

/** Relative obligations → times, counted from the request like the review's own deadline. */
export const requirementsOf = (
  { groups }: Pick<Obligations, 'groups'>,
  requestedAt: Timestamp,
): readonly Requirement[] =>
  groups.map(({ group, quorum, escalation }) => ({
    group,
    quorum,
    ...(escalation && { escalation: { after: plusMs(requestedAt, escalation.afterMs), to: escalation.to } }),
  }));

import { decided, plusMs, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import { REPORT_DEADLINE_MS, type ExecutionUnreported } from './grant-events.ts';
import type { Grant } from './grant.ts';

export interface MarkUnreported {
  readonly now: Timestamp;
}

/** 24 h after the redemption nobody has said what came of it. Too early, or reported, is `unchanged`. */
export const markUnreported = (
  { now }: MarkUnreported,
  grant: Grant,
): Outcome<ExecutionUnreported, never> => {
  if (grant.status !== 'redeemed') return UNCHANGED;
  const { redeemedAt, grantId } = grant.redemption;
  if (now < plusMs(redeemedAt, REPORT_DEADLINE_MS)) return UNCHANGED;
  return decided({ type: 'ExecutionUnreported', data: { grantId, unreportedAt: now } });
};

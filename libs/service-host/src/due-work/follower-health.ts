import type { Follower } from '@countersign/follower';
import { toEpochMs, type Clock } from '@countersign/kernel';
import type { Unready } from '../lifecycle/lifecycle.ts';

/** Ready while the view is live: one that is behind, or has stopped, would answer as if it knew. */
export const followerUnready = (follower: Pick<Follower, 'status'>): Unready => {
  const { state } = follower.status();
  if (state === 'live') return undefined;
  return state === 'failed'
    ? 'The view has failed; the log says why.'
    : 'The view is catching up with the log.';
};

/** Seconds: zero while live; else the age of the newest event that was applied. */
export const projectionLagS = (follower: Pick<Follower, 'status'>, clock: Pick<Clock, 'nowMs'>): number => {
  const { state, lastCommittedAt } = follower.status();
  if (state === 'live' || lastCommittedAt === undefined) return 0;
  return Math.max(0, clock.nowMs() - toEpochMs(lastCommittedAt)) / 1_000;
};

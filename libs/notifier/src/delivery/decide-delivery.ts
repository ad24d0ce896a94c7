import { plusMs, type Timestamp } from '@countersign/kernel';
import type { ReviewCard } from '../card/review-card.ts';
import type { MessageRef, NotifierErrorCode } from '../notifier.ts';
import type { ChannelDelivery } from './delivery.ts';
import type {
  NotificationAttempted,
  NotificationFailed,
  NotificationPosted,
  NotificationUpdated,
} from './delivery-events.ts';

/** How long whoever claimed an attempt has for it; then anybody may try again. */
export const CLAIM_MS = 30_000;

/** Tries of one version of a card, over about four minutes; then only a new version is tried. */
export const MAX_TRIES = 10;
const FIRST_BACK_OFF_MS = 1_000;
const LAST_BACK_OFF_MS = 60_000;

type CardFacts = Pick<ReviewCard, 'requestId' | 'digest' | 'version' | 'status'>;

/** What the channel needs now, as the claim on it; undefined: nothing, or not yet, or somebody is at it. */
export const dueAttempt = (
  { requestId, digest, version, status }: CardFacts,
  channel: string,
  delivery: ChannelDelivery,
  now: Timestamp,
): NotificationAttempted | undefined => {
  if (delivery.shown >= version || isClaimed(delivery, now) || isHeldBack(delivery, version, now)) {
    return undefined;
  }
  const purpose = delivery.message === undefined ? 'post' : 'update';
  const isRepeat = delivery.isDoubtful || delivery.claim !== undefined;
  // Nobody needs to be asked any more, unless a card that asks may stand somewhere.
  if (purpose === 'post' && status !== 'pending' && !isRepeat) return undefined;
  const attempt = delivery.attempts + 1;
  return {
    type: 'NotificationAttempted',
    data: { requestId, channel, attempt, purpose, digest, status, version, isRepeat, attemptedAt: now },
  };
};

/** Until when an attempt is its claimant's alone. */
export const claimEnd = (attemptedAt: Timestamp): Timestamp => plusMs(attemptedAt, CLAIM_MS);

const isClaimed = ({ claim }: ChannelDelivery, now: Timestamp): boolean =>
  claim !== undefined && now < claimEnd(claim.attemptedAt);

/** A version that the channel hasn't been tried with is tried at once. */
const isHeldBack = ({ failure }: ChannelDelivery, version: number, now: Timestamp): boolean =>
  failure !== undefined &&
  failure.version >= version &&
  (failure.retryAt === undefined || now < failure.retryAt);

type Claim = NotificationAttempted['data'];

/** The attempt came to a good end. */
export const attemptDone = (
  { requestId, channel, attempt, purpose, status, version }: Claim,
  message: MessageRef,
  now: Timestamp,
): NotificationPosted | NotificationUpdated => {
  const shown = { requestId, channel, attempt, status, version };
  return purpose === 'post'
    ? { type: 'NotificationPosted', data: { ...shown, message, postedAt: now } }
    : { type: 'NotificationUpdated', data: { ...shown, updatedAt: now } };
};

export interface Failure {
  readonly code: NotifierErrorCode;
  readonly detail: string;
}

/** The attempt failed: it says when the next may be made, or gives this version up. */
export const attemptFailed = (
  { requestId, channel, attempt, version }: Claim,
  { failure }: ChannelDelivery,
  { code, detail }: Failure,
  now: Timestamp,
): NotificationFailed => {
  const times = failure?.version === version ? failure.times + 1 : 1;
  const waitMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (times - 1), LAST_BACK_OFF_MS);
  const isGivenUp = code === 'channel_refused' || times >= MAX_TRIES;
  return {
    type: 'NotificationFailed',
    data: {
      requestId,
      channel,
      attempt,
      version,
      code,
      detail,
      ...(!isGivenUp && { retryAt: plusMs(now, waitMs) }),
      failedAt: now,
    },
  };
};

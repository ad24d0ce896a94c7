import { plusMs, type Timestamp } from '@countersign/kernel';
import type { ReviewCard } from '../card/review-card.ts';
import type { MessageRef, NotifierErrorCode } from '../notifier.ts';
import type { ChannelDelivery } from './delivery.ts';
import type {
  Gathering,
  NotificationAttempted,
  NotificationFailed,
  NotificationPosted,
  NotificationUpdated,
} from './delivery-events.ts';

/** How long whoever claimed an attempt has for it; then anybody may try again. */
export const CLAIM_MS = 30_000;

/** A version of a card that couldn't be shown for so long is a dead letter. */
export const GIVE_UP_AFTER_MS = 15 * 60_000;
/** Where policy names a channel to turn to instead, there is no time to lose. */
export const FAIL_OVER_AFTER_MS = 60_000;

const FIRST_BACK_OFF_MS = 1_000;
const LAST_BACK_OFF_MS = 60_000;
/** A channel that asks for more than this is not waited for so long. */
export const LONGEST_REST_MS = 5 * 60_000;

type CardFacts = Pick<ReviewCard, 'requestId' | 'digest' | 'version' | 'status'>;

/** What the channel needs now, as the claim on it; undefined: nothing, or not yet, or somebody is at it. */
export const dueAttempt = (
  card: CardFacts,
  channel: string,
  delivery: ChannelDelivery,
  now: Timestamp,
): NotificationAttempted | undefined => {
  const { version, status } = card;
  if (delivery.shown >= version || isHeldBack(delivery, version, now)) return undefined;
  // Nobody needs to be asked any more, unless a card that asks may stand somewhere.
  const mayStand = delivery.message !== undefined || isRepeated(delivery);
  if (!mayStand && status !== 'pending') return undefined;
  return claimOf(card, channel, delivery, now);
};

/** The claim itself, whether or not the card is behind; undefined where somebody is at it. */
export const claimOf = (
  { requestId, digest, version, status }: CardFacts,
  channel: string,
  delivery: ChannelDelivery,
  now: Timestamp,
): NotificationAttempted | undefined => {
  if (isClaimed(delivery, now)) return undefined;
  const purpose = delivery.message === undefined ? 'post' : 'update';
  const isRepeat = isRepeated(delivery);
  const attempt = delivery.attempts + 1;
  return {
    type: 'NotificationAttempted',
    data: { requestId, channel, attempt, purpose, digest, status, version, isRepeat, attemptedAt: now },
  };
};

/** The same claim, on a message that it shares. */
export const claimedIn = (
  gathering: Gathering,
  { type, data }: NotificationAttempted,
): NotificationAttempted => ({ type, data: { ...data, gathering } });

/** Until when an attempt is its claimant's alone. */
export const claimEnd = (attemptedAt: Timestamp): Timestamp => plusMs(attemptedAt, CLAIM_MS);

const isRepeated = ({ isDoubtful, claim }: ChannelDelivery): boolean => isDoubtful || claim !== undefined;

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
  /** Milliseconds that the channel asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** Whether policy names a channel to turn to where this one can't be reached. */
  readonly hasNext?: boolean;
  /** Of the review: what asks for a decision is tried no longer than one can be made. */
  readonly expiresAt?: Timestamp;
  /** From 0 to 1, at random: spreads the tries of many over the time that each may wait (full jitter). */
  readonly jitter: number;
}

/** The attempt failed: it says when the next may be made, or gives this version up. */
export const attemptFailed = (
  claim: Claim,
  { failure: earlier }: ChannelDelivery,
  failure: Failure,
  now: Timestamp,
): NotificationFailed => {
  const { requestId, channel, attempt, version } = claim;
  const again = earlier?.version === version ? earlier : undefined;
  const retryAt = plusMs(now, waitMs(again?.times ?? 0, failure));
  const isGivenUp =
    // What is too much for one message may still be shown alone.
    (failure.code === 'channel_refused' && !(claim.gathering && claim.purpose === 'post')) ||
    retryAt >= givenUpAt(claim, again?.since ?? claim.attemptedAt, failure);
  return {
    type: 'NotificationFailed',
    data: {
      requestId,
      channel,
      attempt,
      version,
      code: failure.code,
      detail: failure.detail,
      ...(!isGivenUp && { retryAt }),
      failedAt: now,
    },
  };
};

const waitMs = (timesBefore: number, { jitter, retryAfterMs = 0 }: Failure): number => {
  const atMost = Math.min(FIRST_BACK_OFF_MS * 2 ** timesBefore, LAST_BACK_OFF_MS);
  return Math.max(Math.ceil(atMost * jitter), Math.min(retryAfterMs, LONGEST_REST_MS));
};

const givenUpAt = (
  { purpose, status }: Claim,
  since: Timestamp,
  { hasNext = false, expiresAt }: Failure,
): Timestamp => {
  const isPost = purpose === 'post';
  const patience = plusMs(since, isPost && hasNext ? FAIL_OVER_AFTER_MS : GIVE_UP_AFTER_MS);
  const asks = isPost && status === 'pending' && expiresAt !== undefined;
  return asks && expiresAt < patience ? expiresAt : patience;
};

import { impossibleEvent, unknownEventType, type DomainEvent, type Timestamp } from '@countersign/kernel';
import type { MessageRef, NotifierErrorCode } from '../notifier.ts';
import type {
  DeliveryEvent,
  Gathering,
  NotificationAttempted,
  NotificationFailed,
  NotificationPosted,
  NotificationReminded,
  NotificationUpdated,
} from './delivery-events.ts';

/** How things stand with one channel. */
export interface ChannelDelivery {
  /** Attempts made so far. */
  readonly attempts: number;
  /** The attempt that nobody has told the end of. */
  readonly claim?: NotificationAttempted['data'];
  /** Absent until the card was posted. */
  readonly message?: MessageRef;
  readonly postedAt?: Timestamp;
  /** Who else is in the message; or in the one that may stand, where `isDoubtful`. Absent: the card stands alone. */
  readonly gathering?: Gathering;
  /** Version of the card that the channel shows; 0 before the first post. */
  readonly shown: number;
  /** Since when it does. */
  readonly shownAt?: Timestamp;
  /** A post may have reached the channel, and nobody knows. */
  readonly isDoubtful: boolean;
  /** Failures in a row, of one version of the card. */
  readonly failure?: {
    readonly version: number;
    readonly code: NotifierErrorCode;
    readonly times: number;
    /** When the first of these attempts began. */
    readonly since: Timestamp;
    readonly retryAt?: Timestamp;
  };
  /** It was given up before it ever had the card, or while the card asked: others are turned to. */
  readonly wasOutOfReach?: true;
  readonly remindedAt?: Timestamp;
}

/** The message that it shares, or may share. */
export const gatheringOf = ({ gathering, claim }: ChannelDelivery): Gathering | undefined =>
  gathering ?? claim?.gathering;

/** By channel. */
export type Delivery = ReadonlyMap<string, ChannelDelivery>;

export const UNATTEMPTED: ChannelDelivery = { attempts: 0, shown: 0, isDoubtful: false };

type Attempted = NotificationAttempted['data'];

const onAttempted = (before: ChannelDelivery, data: Attempted): ChannelDelivery => {
  if (data.attempt !== before.attempts + 1) {
    throw impossibleEvent('NotificationAttempted', `at attempt ${before.attempts}`);
  }
  const { claim } = before;
  // A claim that nobody ended may have reached the channel.
  const after = claim?.purpose === 'post' ? doubted(before, claim) : before;
  return { ...after, attempts: data.attempt, claim: data };
};

/** What may stand is where the first doubtful attempt would have put it. */
const doubted = <Before extends Omit<ChannelDelivery, 'claim'>>(
  before: Before,
  { gathering }: Attempted,
): Before =>
  before.isDoubtful ? before : { ...before, isDoubtful: true, ...(gathering !== undefined && { gathering }) };

/** Everything but the claim that this event ends. */
const ended = (before: ChannelDelivery, event: { type: string; data: { attempt: number } }) => {
  const { claim, ...rest } = before;
  if (claim?.attempt === event.data.attempt) return { claim, rest };
  throw impossibleEvent(event.type, claim === undefined ? 'unclaimed' : `claimed by ${claim.attempt}`);
};

const onPosted = (before: ChannelDelivery, event: NotificationPosted): ChannelDelivery => {
  const { claim, rest } = ended(before, event);
  const { failure: _over, gathering: _doubted, ...kept } = rest;
  const { message, version, postedAt } = event.data;
  return {
    ...kept,
    message,
    postedAt,
    shown: version,
    shownAt: postedAt,
    isDoubtful: false,
    ...(claim.gathering !== undefined && { gathering: claim.gathering }),
  };
};

const onUpdated = (before: ChannelDelivery, event: NotificationUpdated): ChannelDelivery => {
  const { failure: _over, ...kept } = ended(before, event).rest;
  return { ...kept, shown: event.data.version, shownAt: event.data.updatedAt, isDoubtful: false };
};

const onFailed = (before: ChannelDelivery, event: NotificationFailed): ChannelDelivery => {
  const { version, code, retryAt } = event.data;
  const { claim, rest } = ended(before, event);
  const earlier = before.failure?.version === version ? before.failure : undefined;
  const after = claim.purpose === 'post' && code === 'delivery_uncertain' ? doubted(rest, claim) : rest;
  // A card that stands and can't be changed is no way to those who are still asked.
  const isOutOfReach = retryAt === undefined && (rest.message === undefined || claim.status === 'pending');
  return {
    ...after,
    ...(isOutOfReach && { wasOutOfReach: true }),
    failure: {
      version,
      code,
      times: (earlier?.times ?? 0) + 1,
      since: earlier?.since ?? claim.attemptedAt,
      ...(retryAt !== undefined && { retryAt }),
    },
  };
};

const onReminded = (before: ChannelDelivery, { data }: NotificationReminded): ChannelDelivery => {
  if (before.message === undefined) throw impossibleEvent('NotificationReminded', 'nothing was posted');
  return { ...before, remindedAt: data.remindedAt };
};

const evolveChannel = (before: ChannelDelivery, event: DeliveryEvent): ChannelDelivery => {
  switch (event.type) {
    case 'NotificationAttempted':
      return onAttempted(before, event.data);
    case 'NotificationPosted':
      return onPosted(before, event);
    case 'NotificationUpdated':
      return onUpdated(before, event);
    case 'NotificationFailed':
      return onFailed(before, event);
    case 'NotificationReminded':
      return onReminded(before, event);
    default: {
      const unknown: DomainEvent = event satisfies never;
      throw unknownEventType(unknown.type);
    }
  }
};

/** Throws `unknown_event_type`, and `impossible_event` where a rule of the stream is broken: never skips. */
export const foldDelivery = (events: readonly DeliveryEvent[]): Delivery => {
  const byChannel = new Map<string, ChannelDelivery>();
  for (const event of events) {
    const { channel } = event.data;
    byChannel.set(channel, evolveChannel(byChannel.get(channel) ?? UNATTEMPTED, event));
  }
  return byChannel;
};

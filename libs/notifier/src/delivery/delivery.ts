import { impossibleEvent, unknownEventType, type DomainEvent, type Timestamp } from '@countersign/kernel';
import type { MessageRef } from '../notifier.ts';
import type {
  DeliveryEvent,
  NotificationAttempted,
  NotificationFailed,
  NotificationPosted,
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
  /** Version of the card that the channel shows; 0 before the first post. */
  readonly shown: number;
  /** Since when it does. */
  readonly shownAt?: Timestamp;
  /** A post may have reached the channel, and nobody knows. */
  readonly isDoubtful: boolean;
  /** Failures in a row, of one version of the card. */
  readonly failure?: {
    readonly version: number;
    readonly times: number;
    readonly retryAt?: Timestamp;
  };
}

/** By channel. */
export type Delivery = ReadonlyMap<string, ChannelDelivery>;

export const UNATTEMPTED: ChannelDelivery = { attempts: 0, shown: 0, isDoubtful: false };

type Attempted = NotificationAttempted['data'];

const onAttempted = (before: ChannelDelivery, data: Attempted): ChannelDelivery => {
  if (data.attempt !== before.attempts + 1) {
    throw impossibleEvent('NotificationAttempted', `at attempt ${before.attempts}`);
  }
  return { ...before, attempts: data.attempt, claim: data, isDoubtful: mayStand(before) };
};

/** An attempt without an end may have reached the channel. */
const mayStand = ({ claim, isDoubtful }: ChannelDelivery): boolean => isDoubtful || claim?.purpose === 'post';

/** Everything but the claim that this event ends. */
const ended = (before: ChannelDelivery, event: DeliveryEvent): Omit<ChannelDelivery, 'claim'> => {
  const { claim, ...rest } = before;
  if (claim?.attempt === event.data.attempt) return rest;
  throw impossibleEvent(event.type, claim === undefined ? 'unclaimed' : `claimed by ${claim.attempt}`);
};

const onShown = (
  before: ChannelDelivery,
  event: NotificationPosted | NotificationUpdated,
  shownAt: Timestamp,
  message: MessageRef | undefined,
): ChannelDelivery => {
  const { failure: _over, ...rest } = ended(before, event);
  const shown = event.data.version;
  return { ...rest, shown, shownAt, isDoubtful: false, ...(message !== undefined && { message }) };
};

const onFailed = (before: ChannelDelivery, event: NotificationFailed): ChannelDelivery => {
  const { version, code, retryAt } = event.data;
  const times = before.failure?.version === version ? before.failure.times + 1 : 1;
  return {
    ...ended(before, event),
    isDoubtful: before.isDoubtful || (before.claim?.purpose === 'post' && code === 'delivery_uncertain'),
    failure: { version, times, ...(retryAt !== undefined && { retryAt }) },
  };
};

const evolveChannel = (before: ChannelDelivery, event: DeliveryEvent): ChannelDelivery => {
  switch (event.type) {
    case 'NotificationAttempted':
      return onAttempted(before, event.data);
    case 'NotificationPosted':
      return onShown(before, event, event.data.postedAt, event.data.message);
    case 'NotificationUpdated':
      return onShown(before, event, event.data.updatedAt, before.message);
    case 'NotificationFailed':
      return onFailed(before, event);
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

import type { ActionDigest } from '@countersign/domain-action';
import type { RequestStatus } from '@countersign/domain-thread';
import { knownEvents, type DomainEvent, type Timestamp } from '@countersign/kernel';
import type { NotifierErrorCode } from '../notifier.ts';

interface OfAttempt {
  readonly requestId: string;
  readonly channel: string;
  /** Counts the attempts on this channel, from 1. */
  readonly attempt: number;
}

/** Claims a post or an update: whoever appended it does it, the others wait. */
export type NotificationAttempted = DomainEvent<
  'NotificationAttempted',
  OfAttempt & {
    readonly purpose: 'post' | 'update';
    readonly digest: ActionDigest;
    /** What the card says: the request's status, and the card's version. */
    readonly status: RequestStatus;
    readonly version: number;
    /** An earlier attempt may have reached the channel. */
    readonly isRepeat: boolean;
    readonly attemptedAt: Timestamp;
  }
>;

export type NotificationPosted = DomainEvent<
  'NotificationPosted',
  OfAttempt & {
    /** The channel's own name of the message. */
    readonly message: string;
    readonly status: RequestStatus;
    readonly version: number;
    readonly postedAt: Timestamp;
  }
>;

export type NotificationUpdated = DomainEvent<
  'NotificationUpdated',
  OfAttempt & {
    readonly status: RequestStatus;
    readonly version: number;
    readonly updatedAt: Timestamp;
  }
>;

export type NotificationFailed = DomainEvent<
  'NotificationFailed',
  OfAttempt & {
    readonly version: number;
    readonly code: NotifierErrorCode;
    /** One sentence; never a secret. */
    readonly detail: string;
    /** When the next attempt may be made; absent: this version of the card is given up. */
    readonly retryAt?: Timestamp;
    readonly failedAt: Timestamp;
  }
>;

/** On `delivery-<request id>`; channels share the stream. */
export type DeliveryEvent =
  NotificationAttempted | NotificationPosted | NotificationUpdated | NotificationFailed;

/** Read from a `delivery-<id>` stream; `unknown_event_type` for any other. */
export const deliveryEvents = (
  recorded: readonly { readonly type: string; readonly data: object }[],
): readonly DeliveryEvent[] =>
  knownEvents<DeliveryEvent>(
    {
      NotificationAttempted: true,
      NotificationPosted: true,
      NotificationUpdated: true,
      NotificationFailed: true,
    },
    recorded,
  );

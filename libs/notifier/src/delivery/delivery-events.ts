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

/** Several requests' cards in one message. */
export interface Gathering {
  /** Id of the first of them: whoever works on the message holds the claim on that one. */
  readonly id: string;
  /** Of all that were to be in it, the first one first. */
  readonly requests: readonly string[];
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
    /** Where the card shares its message; the end of a post names the same message for each. */
    readonly gathering?: Gathering;
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
    /** When the next attempt may be made; absent: this version of the card is given up, a dead letter. */
    readonly retryAt?: Timestamp;
    readonly failedAt: Timestamp;
  }
>;

/** Stands before it is made, so that it is made once at the most, whoever dies meanwhile. */
export type NotificationReminded = DomainEvent<
  'NotificationReminded',
  {
    readonly requestId: string;
    readonly channel: string;
    readonly why: ReminderCause;
    readonly remindedAt: Timestamp;
  }
>;

/** Its time has come again, or others are asked since the card was posted. */
export type ReminderCause = 'interval' | 'escalation';

/** On `delivery-<request id>`; channels share the stream. */
export type DeliveryEvent =
  | NotificationAttempted
  | NotificationPosted
  | NotificationUpdated
  | NotificationFailed
  | NotificationReminded;

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
      NotificationReminded: true,
    },
    recorded,
  );

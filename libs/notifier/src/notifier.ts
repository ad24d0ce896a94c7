import type { ChannelIdentity } from '@countersign/domain-directory';
import { CodedError } from '@countersign/kernel';
import type { ReviewSheet } from './sheet/review-sheet.ts';

export interface CardDelivery {
  /** The channel as policy names it: `log`, `slack:#prod`. */
  readonly channel: string;
  readonly sheet: ReviewSheet;
  /** An earlier attempt may have reached the channel: it ended without an answer. The sheet says so, too. */
  readonly isRepeat: boolean;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The channel's own name of a posted message: what `update` finds it by. Opaque to everybody else. */
export type MessageRef = string;

/**
 * Cards of little risk that came in a burst, in one message: for each who asks, what for, on what, its deadline
 * and its id, with a way to read it in full and decide there. The message itself offers no decision.
 */
export interface GatheredDelivery {
  readonly channel: string;
  /** Names the message among all of its channel, whatever happens: what a doubtful post is found by. */
  readonly gatheringId: string;
  /** Oldest first; at most `gathersAtMost`. */
  readonly sheets: readonly ReviewSheet[];
  /** An earlier attempt of the same `gatheringId` may have reached the channel. */
  readonly isRepeat: boolean;
  readonly signal: AbortSignal;
}

export type CallPurpose = 'post' | 'update' | 'remind';

/** How often a platform lets itself be called. */
export interface Pace {
  /**
   * What the limit counts, as the platform does: calls with the same name draw on the same allowance, and rest
   * together when it says `Retry-After`. `slack T1 chat.update`, `slack T1 C2`.
   */
  readonly allowance: string;
  /** In the long run; more than 0. */
  readonly perMinute: number;
  /** At once, after a rest; at least 1. */
  readonly burst: number;
}

/**
 * A kind of channel that shows review cards to people. It renders and delivers; whether, when and how often
 * is the notification service's affair, which keeps it in the log and calls one replica's notifier at a time.
 *
 * Errors are {@link NotifierError}s, and the code says what stands in the channel. Any other throw counts as
 * `delivery_uncertain`.
 */
export interface Notifier {
  /** What stands before the colon of the channels it serves: `log`, `slack`. */
  readonly kind: string;

  /**
   * Shows a card, and resolves once the channel has it.
   * - Crash, or a lost answer: the card may stand. The next call says `isRepeat`; a channel that can find
   *   what it holds by the request's id answers with that, and any other posts again and says so on the card.
   * - Duplicate: without `isRepeat` it is only called where nothing was posted.
   */
  post(delivery: CardDelivery): Promise<MessageRef>;

  /**
   * Makes a posted card say what is true now. Calls for one message come one after another, with versions
   * that grow, and the same one again after a crash: the last one wins.
   */
  update(delivery: CardDelivery & { readonly message: MessageRef }): Promise<void>;

  /**
   * The limit that a call on this channel counts against; pure, and known without asking the platform. The
   * service calls no faster, and takes no claim on a delivery for which there is no room. Absent: no limit.
   */
  readonly pace?: (channel: string, purpose: CallPurpose) => Pace;

  /**
   * Shows several cards in one message, and resolves once the channel has it; promises what `post` does, with
   * `gatheringId` for the request's id. Absent: each is posted by itself. Whoever has it has `updateGathered`
   * and `gathersAtMost`, too.
   */
  readonly postGathered?: (delivery: GatheredDelivery) => Promise<MessageRef>;

  /**
   * Makes a gathered message say what is true now of each of its cards, always all of them; promises what
   * `update` does: the last call wins, and no two come at once.
   */
  readonly updateGathered?: (delivery: GatheredDelivery & { readonly message: MessageRef }) => Promise<void>;

  /** How many cards one message can hold; at least 2. */
  readonly gathersAtMost?: number;

  /**
   * Says again, so that people are notified of it (a reply to the message), that this request waits for them.
   * - Crash, or a lost answer: never called again for the same reminder; the next one comes at its time.
   * - Duplicate: never; a reminder is recorded before it is made.
   * Absent: the channel has no reminders, and none is recorded.
   */
  readonly remind?: (delivery: CardDelivery & { readonly message: MessageRef }) => Promise<void>;

  /**
   * Asks the platform, now, whether this account may speak for a person: not deleted, no bot, no guest, nobody
   * of another organisation. Resolves to why not, in a sentence; undefined where it may. A platform that can't
   * be asked is `channel_unavailable`, and the click waits. Absent: the channel has no accounts.
   */
  readonly objectionTo?: (identity: ChannelIdentity) => Promise<string | undefined>;
}

export type NotifierErrorCode =
  /** Nothing was shown; another try may do. */
  | 'channel_unavailable'
  /** Nobody knows whether it was shown. */
  | 'delivery_uncertain'
  /** Nothing was shown, and trying the same again won't help. */
  | 'channel_refused';

export class NotifierError extends CodedError<NotifierErrorCode> {
  override readonly name = 'NotifierError';
  /** Milliseconds that the channel asked to be left alone (`Retry-After`); absent where it didn't say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: NotifierErrorCode,
    message: string,
    { retryAfterMs, ...options }: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** `slack:#prod` → `slack`. */
export const channelKind = (channel: string): string => channel.split(':', 1)[0] ?? channel;

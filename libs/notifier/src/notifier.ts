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

import type { ActionDigest } from '@countersign/domain-action';
import type { ChannelIdentity } from '@countersign/domain-directory';
import type { MessageRef } from '../notifier.ts';
import type { ReviewSheet } from '../sheet/review-sheet.ts';

/**
 * Somebody's approve or deny, as a channel brought it: its sender and its bytes are verified by the channel's own
 * means before it is made. It says who clicked and what they saw, and is no authority: policy decides.
 */
export interface Click {
  readonly identity: ChannelIdentity;
  /**
   * The channel's own name of this one click, the same whenever the same click is delivered again, and of no
   * other click. Together with the identity it names the stream `interaction-<hash>`.
   */
  readonly clickId: string;
  readonly requestId: string;
  /** The digest and version of the card that was shown, from the card's pointer. */
  readonly digest: ActionDigest;
  readonly cardVersion: number;
  /** The message it was clicked on, as `Notifier.post` named it. */
  readonly message: MessageRef;
  readonly decision: 'approve' | 'deny';
  readonly reason: string;
  /** Whether the channel made this person open everything before it offered the decision. */
  readonly sawWhole: boolean;
}

/** What came of a click, for the private answer to who clicked. `message` is a whole sentence, fit to be shown. */
export type ClickOutcome =
  | { readonly kind: 'decided'; readonly status: string; readonly message: string }
  /** `code`: policy's, or `card_outdated`, `account_refused`. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Recorded, but policy couldn't be asked in time; it is asked again until it answers. */
  | { readonly kind: 'waiting'; readonly message: string };

export interface ReceivedClick {
  /** False where this click was delivered before. */
  readonly isNew: boolean;
  /** Never rejects; `waiting` after a few seconds. */
  readonly outcome: Promise<ClickOutcome>;
}

/** What somebody may read of a request by their chat account. */
export type OpenedSheet =
  | { readonly kind: 'sheet'; readonly sheet: ReviewSheet }
  /** Unknown request, unlinked or suspended account, or nobody who may read it: all the same sentence. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * What the notification service does with what channels bring. A channel acknowledges a click when `receive`
 * has resolved, and not before.
 */
export interface ClickDesk {
  /**
   * Durable once it resolves: the click stands in the log, and policy is asked until it answers.
   * - Crash before: the platform got no acknowledgement; the person sees that it failed.
   * - Crash after: any replica goes on.
   * - Duplicate: the same click again appends nothing, decides nothing, and is answered with the first outcome.
   * - Conflict with another person's click: each is a stream of its own; policy orders them.
   * Rejects with `store_unavailable` where it can't be made durable: then nothing was received.
   */
  receive(click: Click): Promise<ReceivedClick>;

  /** The whole sheet as it is now, for a person who may decide or read the request; reads only. */
  open(requestId: string, identity: ChannelIdentity): Promise<OpenedSheet>;
}

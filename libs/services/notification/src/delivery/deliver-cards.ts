import { recordOf } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow } from '@countersign/kernel';
import {
  attemptDone,
  attemptFailed,
  buildReviewCard,
  buildReviewSheet,
  channelKind,
  dueAttempt,
  NotifierError,
  UNATTEMPTED,
  type CardSurroundings,
  type ChannelDelivery,
  type DeliveryEvent,
  type MessageRef,
  type NotificationAttempted,
  type Notifier,
  type ReviewCard,
} from '@countersign/notifier';
import type { ServiceContext } from '@countersign/service-host';
import type { DeliveryStreams, LoadedCards } from './delivery-streams.ts';
import { withinDeadline } from './within-deadline.ts';

/** A channel that doesn't answer in time has answered nothing. Well within the time of a claim. */
export const CHANNEL_DEADLINE_MS = 10_000;

export interface DeliverCardsDependencies extends Pick<ServiceContext, 'clock' | 'telemetry' | 'log'> {
  readonly streams: DeliveryStreams;
  readonly notifiers: readonly Notifier[];
  readonly surroundings: (cards: LoadedCards) => Promise<CardSurroundings>;
  readonly deadlineMs?: number;
}

type Claim = NotificationAttempted['data'];

interface ClaimedCards {
  readonly card: ReviewCard;
  readonly claims: readonly { readonly claim: Claim; readonly message: MessageRef | undefined }[];
  readonly traceparent: string | undefined;
  readonly causationId: string | undefined;
}

type Result = { readonly message: MessageRef } | { readonly error: NotifierError };

/**
 * Makes the cards of a request, one per channel, say what is true now. Each post and each change is claimed in
 * the log before it is made and told there afterwards, so replicas do it once; after a crash in between it is
 * made again once the claim has run out, and says so: at least once, never silently twice.
 */
export class DeliverCards {
  readonly #with: DeliverCardsDependencies;
  readonly #notifiers: ReadonlyMap<string, Notifier>;

  constructor(dependencies: DeliverCardsDependencies) {
    this.#with = dependencies;
    this.#notifiers = new Map(dependencies.notifiers.map((notifier) => [notifier.kind, notifier]));
  }

  /** Any replica may call it, at any time, as often as it likes; the conditional append picks one. */
  async ensure(requestId: string): Promise<void> {
    const claimed = await retryOnConflict(() => this.#claim(requestId));
    if (claimed === undefined) return;
    const attributes = { 'countersign.request.id': requestId };
    await this.#with.telemetry.inThread('notification.deliver', claimed.traceparent, { attributes }, () =>
      Promise.all(claimed.claims.map(({ claim, message }) => this.#attempt(claimed, claim, message))),
    );
  }

  async #claim(requestId: string): Promise<ClaimedCards | undefined> {
    const { streams, surroundings } = this.#with;
    const loaded = await streams.loadCards(requestId);
    const card = loaded && buildReviewCard(loaded.thread, await surroundings(loaded));
    if (loaded === undefined || card === undefined) return undefined;
    const due = this.#due(loaded, card);
    if (due.length === 0) return undefined;
    const { events } = await streams.append(loaded, due, loaded);
    return {
      card,
      traceparent: loaded.traceparent,
      causationId: events.at(-1)?.id,
      claims: due.map(({ data }) => ({ claim: data, message: loaded.delivery.get(data.channel)?.message })),
    };
  }

  #due({ thread, delivery }: LoadedCards, card: ReviewCard): readonly NotificationAttempted[] {
    const now = timestampNow(this.#with.clock);
    const channels = recordOf(thread.review)?.opened.channels ?? [];
    return channels.flatMap(
      (channel) => dueAttempt(card, channel, delivery.get(channel) ?? UNATTEMPTED, now) ?? [],
    );
  }

  async #attempt(claimed: ClaimedCards, claim: Claim, message: MessageRef | undefined): Promise<void> {
    const result = await this.#deliver(claimed.card, claim, message);
    await retryOnConflict(() => this.#record(claimed, claim, result));
  }

  async #deliver(card: ReviewCard, claim: Claim, message: MessageRef | undefined): Promise<Result> {
    const { channel, isRepeat } = claim;
    try {
      const notifier = this.#notifierOf(channel);
      return await withinDeadline(this.#with.deadlineMs ?? CHANNEL_DEADLINE_MS, async (signal) => {
        const delivery = { channel, sheet: buildReviewSheet(card, isRepeat), isRepeat, signal };
        if (message === undefined) return { message: await notifier.post(delivery) };
        await notifier.update({ ...delivery, message });
        return { message };
      });
    } catch (error) {
      return { error: asNotifierError(error) };
    }
  }

  #notifierOf(channel: string): Notifier {
    const notifier = this.#notifiers.get(channelKind(channel));
    if (notifier !== undefined) return notifier;
    throw new NotifierError('channel_refused', `This build posts to no channel like "${channel}".`);
  }

  /** Where the claim has run out and somebody else tries, the end of that attempt counts, not of this one. */
  async #record(claimed: ClaimedCards, claim: Claim, result: Result): Promise<void> {
    const { streams, log } = this.#with;
    const { requestId, channel, attempt } = claim;
    const loaded = await streams.load(requestId);
    const delivery = loaded.delivery.get(channel) ?? UNATTEMPTED;
    if (delivery.claim?.attempt !== attempt) {
      log.warn('A card took longer than its claim; it may have been shown twice.', {
        requestId,
        channel,
        attempt,
      });
      return;
    }
    await streams.append(loaded, [this.#endOf(claim, delivery, result)], claimed);
  }

  #endOf(claim: Claim, delivery: ChannelDelivery, result: Result): DeliveryEvent {
    const now = timestampNow(this.#with.clock);
    if ('message' in result) return attemptDone(claim, result.message, now);
    const { error } = result;
    const failed = attemptFailed(claim, delivery, { code: error.code, detail: error.message }, now);
    const { requestId, channel, attempt, retryAt } = failed.data;
    const fields = { requestId, channel, attempt, retryAt, error };
    if (retryAt === undefined)
      this.#with.log.error('A card could not be delivered, and is given up.', fields);
    else this.#with.log.warn('A card could not be delivered; it is tried again.', fields);
    return failed;
  }
}

/** What a notifier didn't mean to throw says nothing about where the card is. */
const asNotifierError = (error: unknown): NotifierError =>
  error instanceof NotifierError
    ? error
    : new NotifierError('delivery_uncertain', 'The channel ended without a clear answer.', { cause: error });

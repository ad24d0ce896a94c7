import { recordOf } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow } from '@countersign/kernel';
import {
  askedChannels,
  buildReviewCard,
  buildReviewSheet,
  channelKind,
  dueAttempt,
  dueReminder,
  gatheringOf,
  UNATTEMPTED,
  type CallPurpose,
  type CardSurroundings,
  type DeliveryEvent,
  type MessageRef,
  type NotificationAttempted,
  type NotificationReminded,
  type Notifier,
  type ReviewCard,
} from '@countersign/notifier';
import type { ServiceContext } from '@countersign/service-host';
import { termsOf, type AttemptEnds, type ClaimedAttempt } from './attempt-ends.ts';
import type { ChannelCalls } from './channel-calls.ts';
import type { DeliveryStreams, LoadedCards } from './delivery-streams.ts';
import type { GatherCards } from './gather-cards.ts';
import type { Taken } from './pacer.ts';

export interface DeliverCardsDependencies extends Pick<ServiceContext, 'clock' | 'telemetry' | 'log'> {
  readonly streams: DeliveryStreams;
  readonly surroundings: (cards: LoadedCards) => Promise<CardSurroundings>;
  readonly calls: ChannelCalls;
  readonly ends: AttemptEnds;
  readonly gathered: GatherCards;
}

/** Something to be done on a channel now, with the room for it. */
interface Due<Event extends DeliveryEvent> {
  readonly event: Event;
  readonly taken: Taken;
  readonly message: MessageRef | undefined;
}

interface DueOnChannels {
  readonly attempts: readonly Due<NotificationAttempted>[];
  readonly reminders: readonly Due<NotificationReminded>[];
}

interface Claimed extends DueOnChannels {
  readonly card: ReviewCard;
  readonly loaded: LoadedCards;
  readonly terms: ClaimedAttempt['terms'];
  readonly causationId: string | undefined;
}

const everywhere = (): boolean => true;

/**
 * Makes the cards of a request, one per channel, say what is true now. Each post and each change is claimed in
 * the log before it is made and told there afterwards, so replicas do it once; after a crash in between it is
 * made again once the claim has run out, and says so: at least once, never silently twice. A reminder is recorded
 * before it is made: once at the most.
 */
export class DeliverCards {
  readonly #with: DeliverCardsDependencies;

  constructor(dependencies: DeliverCardsDependencies) {
    this.#with = dependencies;
  }

  /**
   * Any replica may call it, at any time, as often as it likes; the conditional append picks one. Channels that
   * have no room now, or that `isTurn` leaves out, are left for another time.
   */
  async ensure(requestId: string, isTurn: (channel: string) => boolean = everywhere): Promise<void> {
    const { streams } = this.#with;
    const loaded = await streams.loadCards(requestId);
    if (loaded === undefined) return;
    const leftAlone = await this.#inGatherings(loaded, isTurn);
    const isLeft = (channel: string): boolean => isTurn(channel) && !leftAlone.has(channel);
    let known = leftAlone.size === 0 ? loaded : undefined;
    const claimed = await retryOnConflict(async () => {
      const current = known ?? (await streams.loadCards(requestId));
      known = undefined;
      return current && this.#claim(current, isLeft);
    });
    if (claimed === undefined) return;
    const attributes = { 'countersign.request.id': requestId };
    await this.#with.telemetry.inThread(
      'notification.deliver',
      claimed.loaded.traceparent,
      { attributes },
      () =>
        Promise.all([
          ...claimed.attempts.map((due) => this.#attempt(claimed, due)),
          ...claimed.reminders.map((due) => this.#remind(claimed, due)),
        ]),
    );
  }

  /** Cards that share their message are kept with the others in it; the channels where that was done. */
  async #inGatherings(
    { requestId, delivery }: LoadedCards,
    isTurn: (channel: string) => boolean,
  ): Promise<ReadonlySet<string>> {
    const done = new Set<string>();
    for (const [channel, one] of delivery) {
      const gathering = gatheringOf(one);
      if (gathering === undefined || !isTurn(channel)) continue;
      if (await this.#with.gathered.refresh(channel, gathering.id, requestId)) done.add(channel);
    }
    return done;
  }

  async #claim(loaded: LoadedCards, isTurn: (channel: string) => boolean): Promise<Claimed | undefined> {
    const { streams, surroundings } = this.#with;
    const card = buildReviewCard(loaded.thread, await surroundings(loaded));
    const terms = termsOf(loaded);
    if (card === undefined || terms === undefined) return undefined;
    const due = this.#due(loaded, card, isTurn);
    const all = [...due.attempts, ...due.reminders];
    if (all.length === 0) return undefined;
    try {
      const { events } = await streams.append(
        loaded,
        all.map(({ event }) => event),
        loaded,
      );
      return { ...due, card, loaded, terms, causationId: events.at(-1)?.id };
    } catch (error) {
      for (const { taken } of all) taken.giveBack();
      throw error;
    }
  }

  #due(loaded: LoadedCards, card: ReviewCard, isTurn: (channel: string) => boolean): DueOnChannels {
    const now = timestampNow(this.#with.clock);
    const record = recordOf(loaded.thread.review);
    if (record === undefined) return { attempts: [], reminders: [] };
    const { opened, escalatedAt } = record;
    const terms = { ...opened, ...(escalatedAt !== undefined && { escalatedAt }) };
    const attempts: Due<NotificationAttempted>[] = [];
    const reminders: Due<NotificationReminded>[] = [];
    for (const channel of askedChannels(opened, loaded.delivery).filter(isTurn)) {
      const delivery = loaded.delivery.get(channel) ?? UNATTEMPTED;
      const { message } = delivery;
      const attempt = dueAttempt(card, channel, delivery, now);
      if (attempt !== undefined) {
        this.#take(attempts, channel, attempt.data.purpose, { event: attempt, message });
      } else if (this.#with.calls.notifierOf(channel)?.remind !== undefined) {
        const event = dueReminder(card, channel, delivery, terms, now);
        if (event !== undefined) this.#take(reminders, channel, 'remind', { event, message });
      }
    }
    return { attempts, reminders };
  }

  #take<Event extends DeliveryEvent>(
    into: Due<Event>[],
    channel: string,
    purpose: CallPurpose,
    due: Omit<Due<Event>, 'taken'>,
  ): void {
    const taken = this.#with.calls.take(channel, purpose, due.event);
    if (taken !== undefined) into.push({ ...due, taken });
  }

  async #attempt(claimed: Claimed, { event, taken, message }: Due<NotificationAttempted>): Promise<void> {
    const { channel, purpose, isRepeat } = event.data;
    const sheet = buildReviewSheet(claimed.card, isRepeat, channelKind(channel));
    const result = await this.#with.calls.call({ channel, purpose, taken }, (notifier, signal) =>
      show(notifier, { channel, sheet, isRepeat, signal }, message),
    );
    const { terms, causationId, loaded } = claimed;
    const attempt = { claim: event.data, terms, causationId, traceparent: loaded.traceparent };
    await this.#with.ends.record([attempt], result);
  }

  async #remind({ card }: Claimed, { event, taken, message }: Due<NotificationReminded>): Promise<void> {
    const { channel, requestId, why } = event.data;
    const sheet = buildReviewSheet(card, false, channelKind(channel));
    const result = await this.#with.calls.call(
      { channel, purpose: 'remind', taken },
      async (notifier, signal) =>
        message === undefined
          ? undefined
          : notifier.remind?.({ channel, sheet, isRepeat: false, signal, message }),
    );
    if ('answer' in result) return;
    const { error } = result;
    this.#with.log.warn('A reminder may not have been made; the next one comes at its time.', {
      requestId,
      channel,
      why,
      error,
    });
  }
}

const show = async (
  notifier: Notifier,
  delivery: Parameters<Notifier['post']>[0],
  message: MessageRef | undefined,
): Promise<MessageRef> => {
  if (message === undefined) return notifier.post(delivery);
  await notifier.update({ ...delivery, message });
  return message;
};

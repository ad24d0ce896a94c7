import { hasCode, timestampNow } from '@countersign/kernel';
import {
  buildReviewCard,
  buildReviewSheet,
  channelKind,
  claimedIn,
  claimOf,
  dueAttempt,
  gatheringOf,
  NotifierError,
  UNATTEMPTED,
  type CardSurroundings,
  type ChannelDelivery,
  type Gathering,
  type MessageRef,
  type NotificationAttempted,
  type Notifier,
  type ReviewCard,
} from '@countersign/notifier';
import { isUntrustedRecord, type ServiceContext } from '@countersign/service-host';
import { termsOf, type AttemptEnds, type ClaimedAttempt } from './attempt-ends.ts';
import type { ChannelCalls } from './channel-calls.ts';
import type { DeliveryStreams, LoadedCards } from './delivery-streams.ts';
import type { Taken } from './pacer.ts';

export interface GatherCardsDependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: DeliveryStreams;
  readonly surroundings: (cards: LoadedCards) => Promise<CardSurroundings>;
  readonly calls: ChannelCalls;
  readonly ends: AttemptEnds;
}

interface Member {
  readonly loaded: LoadedCards;
  readonly card: ReviewCard;
  readonly terms: ClaimedAttempt['terms'];
  readonly delivery: ChannelDelivery;
}

type ClaimedMember = Member & { readonly attempt?: ClaimedAttempt };

/**
 * Keeps messages that hold several requests' cards. Whoever works on one holds the claim on the first request's
 * delivery, so that no two change it at once; each of the others is claimed and told on its own stream besides, and
 * names the same message. After a crash any of them finds the gathering by its own claim, and the first one's stream
 * tells what came of it.
 */
export class GatherCards {
  readonly #with: GatherCardsDependencies;

  constructor(dependencies: GatherCardsDependencies) {
    this.#with = dependencies;
  }

  /** Posts what of these still waits, none of it tried before, in one message; fewer than two are left alone. */
  async post(channel: string, requestIds: readonly string[]): Promise<void> {
    const members = (await this.#load(channel, requestIds)).filter((member) =>
      this.#isFresh(channel, member),
    );
    if (members.length < 2) return;
    const requests = members.map(({ card }) => card.requestId);
    const [id = ''] = requests;
    await this.#keep(channel, { id, requests }, members);
  }

  /**
   * Makes the message, or the one that may stand, say what is true of all its cards. False where this request is in
   * no such message after all, and its card has to be posted alone.
   */
  async refresh(channel: string, gatheringId: string, requestId: string): Promise<boolean> {
    const first = (await this.#with.streams.load(gatheringId)).delivery.get(channel);
    const gathering = first && gatheringOf(first);
    if (gathering?.id !== gatheringId || !gathering.requests.includes(requestId)) return false;
    const members = await this.#load(channel, gathering.requests);
    await this.#keep(
      channel,
      gathering,
      members.filter(({ delivery }) => gatheringOf(delivery)?.id === gatheringId),
    );
    return true;
  }

  async #load(channel: string, requestIds: readonly string[]): Promise<readonly Member[]> {
    const { streams, surroundings } = this.#with;
    const members = await Promise.all(
      requestIds.map(async (requestId): Promise<Member | undefined> => {
        const loaded = await streams.loadCards(requestId).catch(leaveUntrusted);
        const card = loaded && buildReviewCard(loaded.thread, await surroundings(loaded));
        const terms = loaded && termsOf(loaded);
        if (loaded === undefined || card === undefined || terms === undefined) return undefined;
        return { loaded, card, terms, delivery: loaded.delivery.get(channel) ?? UNATTEMPTED };
      }),
    );
    return members.filter((member) => member !== undefined);
  }

  #isFresh(channel: string, { card, delivery }: Member): boolean {
    const due = dueAttempt(card, channel, delivery, timestampNow(this.#with.clock));
    const wasRefused = delivery.failure?.code === 'channel_refused';
    return due?.data.purpose === 'post' && !due.data.isRepeat && !wasRefused;
  }

  async #keep(channel: string, gathering: Gathering, members: readonly Member[]): Promise<void> {
    if (!members.some((member) => this.#due(channel, member))) return;
    const message = members.find(({ delivery }) => delivery.message !== undefined)?.delivery.message;
    const purpose = message === undefined ? 'post' : 'update';
    const taken = this.#take(channel, purpose, members[0]);
    if (taken === undefined) return;
    const claimed = await this.#claimOrGiveBack(taken, channel, gathering, members);
    const [first] = claimed;
    if (first === undefined) return;
    const attributes = { 'countersign.request.id': gathering.id };
    await this.#with.telemetry.inThread('notification.gather', first.loaded.traceparent, { attributes }, () =>
      this.#show({ channel, purpose, taken }, { gathering, message }, claimed),
    );
  }

  /** The claim on the first one is what counts as a call. */
  #take(channel: string, purpose: 'post' | 'update', first: Member | undefined): Taken | undefined {
    if (first === undefined) return undefined;
    const { card, delivery } = first;
    const claim = claimOf(card, channel, delivery, timestampNow(this.#with.clock));
    return claim && this.#with.calls.take(channel, purpose, claim);
  }

  async #claimOrGiveBack(
    taken: Taken,
    channel: string,
    gathering: Gathering,
    members: readonly Member[],
  ): Promise<readonly ClaimedMember[]> {
    let claimed: readonly ClaimedMember[] = [];
    try {
      claimed = await this.#claim(channel, gathering, members);
    } finally {
      if (claimed.length === 0) taken.giveBack();
    }
    return claimed;
  }

  #due(channel: string, { card, delivery }: Member): NotificationAttempted | undefined {
    return dueAttempt(card, channel, delivery, timestampNow(this.#with.clock));
  }

  /** The first one, then what is due of the others; nothing where somebody else is at the first one. */
  async #claim(
    channel: string,
    gathering: Gathering,
    members: readonly Member[],
  ): Promise<readonly ClaimedMember[]> {
    const [first, ...others] = members;
    if (first === undefined || first.card.requestId !== gathering.id) return [];
    const now = timestampNow(this.#with.clock);
    const attempt = await this.#append(gathering, first, claimOf(first.card, channel, first.delivery, now));
    if (attempt === undefined) return [];
    const rest = await Promise.all(
      others.map(async (member): Promise<ClaimedMember> => {
        const own = await this.#append(gathering, member, this.#due(channel, member));
        return own === undefined ? member : { ...member, attempt: own };
      }),
    );
    const isIn = ({ attempt: own, delivery }: ClaimedMember) =>
      own !== undefined || delivery.message !== undefined;
    return [{ ...first, attempt }, ...rest.filter(isIn)];
  }

  async #append(
    gathering: Gathering,
    { loaded, terms }: Member,
    due: NotificationAttempted | undefined,
  ): Promise<ClaimedAttempt | undefined> {
    if (due === undefined) return undefined;
    const claim = claimedIn(gathering, due);
    try {
      const { events } = await this.#with.streams.append(loaded, [claim], loaded);
      const { traceparent } = loaded;
      return { claim: claim.data, terms, causationId: events.at(-1)?.id, traceparent };
    } catch (error) {
      if (hasCode(error, 'wrong_expected_revision')) return undefined;
      throw error;
    }
  }

  async #show(
    call: { readonly channel: string; readonly purpose: 'post' | 'update'; readonly taken: Taken },
    { gathering, message }: { readonly gathering: Gathering; readonly message: MessageRef | undefined },
    claimed: readonly ClaimedMember[],
  ): Promise<void> {
    const { channel } = call;
    const [first] = claimed;
    const isRepeat = first?.attempt?.claim.isRepeat ?? false;
    const sheets = claimed.map(({ card }) => buildReviewSheet(card, false, channelKind(channel)));
    const result = await this.#with.calls.call(call, (notifier, signal) =>
      show(notifier, { channel, gatheringId: gathering.id, sheets, isRepeat, signal }, message),
    );
    await this.#with.ends.record(
      claimed.flatMap(({ attempt }) => attempt ?? []),
      result,
    );
  }
}

/** The alarm is raised. One record that can't be trusted holds up none of the others. */
const leaveUntrusted = (error: unknown): undefined => {
  if (!isUntrustedRecord(error)) throw error;
};

type Delivery = Parameters<NonNullable<Notifier['postGathered']>>[0];

const show = async (
  notifier: Notifier,
  delivery: Delivery,
  message: MessageRef | undefined,
): Promise<MessageRef> => {
  if (notifier.postGathered === undefined || notifier.updateGathered === undefined) {
    throw new NotifierError('channel_refused', `"${delivery.channel}" holds one card in each message.`);
  }
  if (message === undefined) return notifier.postGathered(delivery);
  await notifier.updateGathered({ ...delivery, message });
  return message;
};

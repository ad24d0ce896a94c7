import type { ChannelIdentity } from '@countersign/domain-directory';
import {
  NotifierError,
  timeLeft,
  withoutRepeatNotice,
  type CallPurpose,
  type CardDelivery,
  type GatheredDelivery,
  type MessageRef,
  type Notifier,
  type Pace,
  type ReviewSheet,
} from '@countersign/notifier';
import { messageRef, parseMessageRef } from '../api/message-ref.ts';
import { NO_UNFURLING } from '../api/no-unfurling.ts';
import { notifierErrorOf, platformCodeOf } from '../api/notifier-error-of.ts';
import type { Workspace } from '../api/workspace.ts';
import type { SlackConfig } from '../config/slack-config.ts';
import { cardMessage, pointerMessage, type MessageContent } from '../render/card-message.ts';
import { GATHERS_AT_MOST, gatheredMessage } from '../render/gathered-message.ts';
import { sentenceBlock } from '../render/row-elements.ts';
import { escaped } from '../render/texts.ts';
import type { SlackFacts } from './channel-facts.ts';
import { findPosted, LOOK_BACK_MS } from './find-posted.ts';
import { markOf, markOfGathering, metadataOf, type Mark } from './marks.ts';
import { objectionToUser } from './objection-to.ts';

export interface SlackNotifierDependencies {
  readonly channels: SlackConfig['channels'];
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly facts: SlackFacts;
  readonly clock: { nowMs(): number };
}

interface Place {
  readonly workspace: Workspace;
  readonly channel: string;
}

/** Cards as messages of Slack's. What it promises is said at the port. */
export class SlackNotifier implements Notifier {
  readonly kind = 'slack';
  readonly gathersAtMost = GATHERS_AT_MOST;
  readonly #with: SlackNotifierDependencies;

  constructor(dependencies: SlackNotifierDependencies) {
    this.#with = dependencies;
  }

  async post(delivery: CardDelivery): Promise<MessageRef> {
    const place = this.#placeOf(delivery.channel);
    const mark = markOf(delivery);
    const ts = await this.#foundBefore(place, mark, delivery);
    const sheet = ts === undefined ? delivery.sheet : withoutRepeatNotice(delivery.sheet);
    return this.#show(place, await this.#contentOf({ sheet }, place), mark, delivery.signal, ts);
  }

  async update({ message, ...delivery }: CardDelivery & { readonly message: MessageRef }): Promise<void> {
    const place = this.#placeOfMessage(message);
    const content = await this.#contentOf(delivery, place);
    await this.#keep(place, content, markOf(delivery), delivery.signal, [delivery.sheet]);
  }

  async postGathered(delivery: GatheredDelivery): Promise<MessageRef> {
    const place = this.#placeOf(delivery.channel);
    const mark = markOfGathering(delivery);
    const ts = await this.#foundBefore(place, mark, delivery);
    return this.#show(place, await this.#gatheredContentOf(delivery, place), mark, delivery.signal, ts);
  }

  async updateGathered({
    message,
    ...delivery
  }: GatheredDelivery & { readonly message: MessageRef }): Promise<void> {
    const place = this.#placeOfMessage(message);
    const content = await this.#gatheredContentOf(delivery, place);
    await this.#keep(place, content, markOfGathering(delivery), delivery.signal, delivery.sheets);
  }

  /**
   * In the thread of the card, and in the channel: it is to be noticed. Where somebody has deleted the card Slack
   * makes a message of its own of the reply, and the card is shown again.
   */
  async remind({ message, ...delivery }: CardDelivery & { readonly message: MessageRef }): Promise<void> {
    const { sheet, signal } = delivery;
    const { workspace, channel, ts } = this.#placeOfMessage(message);
    const left = timeLeft(sheet, this.#with.clock.nowMs());
    const text = `Still waiting${left === undefined ? '' : `, ${left}`}: ${sheet.heading}: ${sheet.requestId}`;
    const { message: reply } = await send('chat.postMessage', signal, () =>
      workspace.web.chat.postMessage({
        ...NO_UNFURLING,
        channel,
        thread_ts: ts,
        reply_broadcast: true,
        text: escaped(text),
        blocks: [sentenceBlock(text)],
      }),
    );
    if (reply?.thread_ts !== ts) await this.update({ message, ...delivery });
  }

  /** A message a second for each channel; changes are counted for the whole workspace. */
  pace(channel: string, purpose: CallPurpose): Pace {
    const place = this.#with.channels[nameOf(channel)];
    const team = place?.team ?? 'nowhere';
    return purpose === 'update'
      ? { allowance: `slack ${team} chat.update`, perMinute: 50, burst: 5 }
      : { allowance: `slack ${team} ${place?.channel ?? channel}`, perMinute: 60, burst: 1 };
  }

  async objectionTo({ channel, tenant, user }: ChannelIdentity): Promise<string | undefined> {
    const workspace = this.#with.workspaces.get(tenant);
    return channel !== 'slack' || workspace === undefined
      ? 'Your account belongs to no workspace that is connected here.'
      : objectionToUser(workspace, user);
  }

  #placeOf(channel: string): Place {
    const place = this.#with.channels[nameOf(channel)];
    const workspace = place && this.#with.workspaces.get(place.team);
    if (place !== undefined && workspace !== undefined) return { workspace, channel: place.channel };
    throw new NotifierError('channel_refused', `"${channel}" is none of the Slack channels in the settings.`);
  }

  #placeOfMessage(message: MessageRef): Place & { readonly ts: string } {
    const { team, channel, ts } = parseMessageRef(message);
    const workspace = this.#with.workspaces.get(team);
    if (workspace !== undefined) return { workspace, channel, ts };
    throw new NotifierError('channel_refused', `${team} is none of the workspaces in the settings.`);
  }

  async #contentOf(
    { sheet }: Pick<CardDelivery, 'sheet'>,
    { workspace, channel }: Place,
  ): Promise<MessageContent> {
    const isPrivate = await this.#with.facts.isPrivate(workspace, channel);
    return isPrivate ? cardMessage(sheet) : pointerMessage(sheet);
  }

  async #gatheredContentOf(
    { sheets }: GatheredDelivery,
    { workspace, channel }: Place,
  ): Promise<MessageContent> {
    return gatheredMessage(sheets, await this.#with.facts.isPrivate(workspace, channel));
  }

  /** What an earlier attempt has left there, if any. */
  async #foundBefore(
    place: Place,
    mark: Mark,
    { isRepeat }: Pick<CardDelivery, 'isRepeat'>,
  ): Promise<string | undefined> {
    return isRepeat ? this.#found(place, mark, this.#with.clock.nowMs() - LOOK_BACK_MS) : undefined;
  }

  /** In the message that was found, or in a new one. */
  async #show(
    place: Place,
    content: MessageContent,
    mark: Mark,
    signal: AbortSignal,
    found?: string,
  ): Promise<MessageRef> {
    const { workspace, channel } = place;
    if (found !== undefined) {
      await this.#update({ ...place, ts: found }, content, mark, signal);
      return messageRef({ team: workspace.teamId, channel, ts: found });
    }
    const { ts } = await send('chat.postMessage', signal, () =>
      workspace.web.chat.postMessage({ ...NO_UNFURLING, channel, ...content, metadata: metadataOf(mark) }),
    );
    if (ts !== undefined) return messageRef({ team: workspace.teamId, channel, ts });
    throw new NotifierError('delivery_uncertain', "Slack didn't say what it calls the message.");
  }

  async #found(place: Place, mark: Mark, sinceMs: number): Promise<string | undefined> {
    const botId = await this.#with.facts.botId(place.workspace);
    return findPosted({ ...place, botId, mark, sinceMs });
  }

  /** Changes a message, or the one that took its place where somebody has deleted it. */
  async #keep(
    place: Place & { readonly ts: string },
    content: MessageContent,
    mark: Mark,
    signal: AbortSignal,
    sheets: readonly ReviewSheet[],
  ): Promise<void> {
    try {
      await this.#update(place, content, mark, signal);
    } catch (error) {
      if (!isGone(error)) throw error;
      const found = await this.#found(place, mark, Number(place.ts) * 1_000);
      if (found !== undefined) return this.#update({ ...place, ts: found }, content, mark, signal);
      // What asks for nothing any more isn't shown again for its own sake.
      if (!sheets.some(({ status }) => status === 'pending')) throw error;
      await this.#show(place, content, mark, signal);
    }
  }

  async #update(
    { workspace, channel, ts }: Place & { readonly ts: string },
    content: MessageContent,
    mark: Mark,
    signal: AbortSignal,
  ): Promise<void> {
    await send('chat.update', signal, () =>
      workspace.web.chat.update({ channel, ts, ...content, parse: 'none', metadata: metadataOf(mark) }),
    );
  }
}

const nameOf = (channel: string): string => channel.slice(channel.indexOf(':') + 1);

const isGone = (error: unknown): boolean =>
  error instanceof NotifierError && platformCodeOf(error.cause) === 'message_not_found';

/** Nothing is sent for whom nobody waits any more. */
const send = async <Result>(
  method: string,
  signal: AbortSignal,
  call: () => Promise<Result>,
): Promise<Result> => {
  if (signal.aborted) throw new NotifierError('channel_unavailable', 'It took too long to get that far.');
  try {
    return await call();
  } catch (error) {
    throw notifierErrorOf(error, method);
  }
};

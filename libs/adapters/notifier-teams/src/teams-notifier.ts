import {
  NotifierError,
  withoutRepeatNotice,
  type CallPurpose,
  type CardDelivery,
  type GatheredDelivery,
  type MessageRef,
  type Notifier,
  type Pace,
} from '@countersign/notifier';
import type { ChannelIdentity } from '@countersign/domain-directory';
import type { Clock } from '@countersign/kernel';
import {
  cardActivity,
  gatheredContent,
  reminderActivity,
  reviewContent,
  type CardContent,
} from './card/card-activity.ts';
import { GATHERS_AT_MOST } from './card/gathered-card.ts';
import type { ConnectorClient, ConversationPlace } from './connector/connector-client.ts';
import { mayShowWhole } from './connector/conversation-privacy.ts';
import { objectToAccount } from './connector/object-to-account.ts';
import { placeOf } from './connector/place-of.ts';
import type { PostedCards } from './graph/posted-cards.ts';
import type { KeptMessages } from './kept-messages.ts';
import { messageRef, parseMessageRef, type TeamsMessage } from './message-ref.ts';
import type { TeamsConfig, TeamsConversation } from './teams-config.ts';

/** Teams takes 7 calls a second for one conversation, and 1,800 an hour. */
const PACE = { perMinute: 30, burst: 7 };

interface Addressed {
  readonly channel: string;
  readonly signal: AbortSignal;
}

type Posting = Addressed & { readonly isRepeat: boolean };
type Shown = Addressed & { readonly message: MessageRef };

export interface TeamsNotifierParts {
  readonly client: ConnectorClient;
  readonly posted: PostedCards;
  readonly kept: KeptMessages;
  readonly conversations: TeamsConfig['conversations'];
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Cards in Teams. The connector can't list what a bot has posted; Graph can, where it may be asked, and a post
 * without an answer is looked for there. Anywhere else it is made again, and its card says so.
 */
export class TeamsNotifier implements Notifier {
  readonly kind = 'teams';
  readonly gathersAtMost = GATHERS_AT_MOST;
  readonly #client: ConnectorClient;
  readonly #posted: PostedCards;
  readonly #kept: KeptMessages;
  readonly #conversations: TeamsConfig['conversations'];
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor({ client, posted, kept, conversations, clock }: TeamsNotifierParts) {
    this.#client = client;
    this.#posted = posted;
    this.#kept = kept;
    this.#conversations = conversations;
    this.#clock = clock;
  }

  /** Counted by conversation, whatever the settings call it. */
  readonly pace = (channel: string, _purpose: CallPurpose): Pace => {
    const target = this.#target(channel);
    const where = target?.scope === 'personal' ? target.user : target?.conversation;
    return { allowance: `teams ${target?.tenant ?? channel} ${where ?? ''}`, ...PACE };
  };

  post({ sheet, ...to }: CardDelivery): Promise<MessageRef> {
    return this.#post(to, reviewContent(sheet), reviewContent(withoutRepeatNotice(sheet)));
  }

  update({ sheet, ...of }: CardDelivery & { readonly message: MessageRef }): Promise<void> {
    return this.#edit(of, reviewContent(sheet));
  }

  postGathered({ gatheringId, sheets, ...to }: GatheredDelivery): Promise<MessageRef> {
    const content = gatheredContent(gatheringId, sheets);
    return this.#post(to, content, content);
  }

  updateGathered({
    gatheringId,
    sheets,
    ...of
  }: GatheredDelivery & { readonly message: MessageRef }): Promise<void> {
    return this.#edit(of, gatheredContent(gatheringId, sheets));
  }

  /** In a channel an answer below the card, elsewhere a message of its own: chats have no threads. */
  async remind({ sheet, message, signal }: CardDelivery & { readonly message: MessageRef }): Promise<void> {
    const { serviceUrl, conversation, activity } = parseMessageRef(message);
    const isChannel = /@thread\.(tacv2|skype)$/.test(conversation);
    const thread = isChannel ? `${conversation};messageid=${activity}` : conversation;
    const reminder = reminderActivity(sheet, this.#clock.nowMs());
    await this.#client.post({ serviceUrl, conversation: thread }, reminder, signal);
  }

  objectionTo(identity: ChannelIdentity): Promise<string | undefined> {
    return objectToAccount(this.#client, Object.values(this.#conversations), identity);
  }

  /** What is found of an earlier attempt is made to say `foundContent`. */
  async #post(
    { channel, isRepeat, signal }: Posting,
    content: CardContent,
    foundContent: CardContent,
  ): Promise<MessageRef> {
    const target = this.#target(channel);
    if (target === undefined)
      throw new NotifierError('channel_refused', `Teams' settings name no conversation for ${channel}.`);
    const { tenant } = target;
    const { mark } = content;
    const place = await placeOf(this.#client, target, signal);
    const found = isRepeat ? await this.#posted.find({ channel, target, mark, signal }) : undefined;
    const isPrivate = await mayShowWhole(this.#client, target, place, signal);
    if (
      found !== undefined &&
      (await this.#corrected({ ...place, activity: found }, foundContent, isPrivate, signal))
    )
      return this.#keep({ tenant, ...place, activity: found }, content);
    const activity = await this.#client.post(place, cardActivity(content, isPrivate), signal);
    return this.#keep({ tenant, ...place, activity }, content);
  }

  /** False where the connector won't have it changed, and so the card has to be posted after all. */
  async #corrected(
    { activity, ...place }: ConversationPlace & { readonly activity: string },
    content: CardContent,
    isPrivate: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await this.#client.edit(place, activity, cardActivity(content, isPrivate), signal);
      return true;
    } catch (error) {
      if (error instanceof NotifierError && error.code === 'channel_refused') return false;
      throw error;
    }
  }

  #keep(message: TeamsMessage, { requests }: CardContent): MessageRef {
    for (const requestId of requests) this.#kept.keep({ ...message, requestId }, message.activity);
    return messageRef(message);
  }

  async #edit({ channel, message, signal }: Shown, content: CardContent): Promise<void> {
    const { tenant, activity, ...place } = parseMessageRef(message);
    const isPrivate = await this.#isPrivate(this.#target(channel), tenant, place, signal);
    await this.#client.edit(place, activity, cardActivity(content, isPrivate), signal);
    this.#keep({ tenant, ...place, activity }, content);
  }

  /** A message in a conversation that isn't this channel's any more is kept true, without its details. */
  async #isPrivate(
    target: TeamsConversation | undefined,
    tenant: string,
    place: ConversationPlace,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (target?.tenant !== tenant) return false;
    if (target.scope !== 'personal' && target.conversation !== place.conversation) return false;
    return mayShowWhole(this.#client, target, place, signal);
  }

  #target(channel: string): TeamsConversation | undefined {
    const name = channel.slice('teams:'.length);
    return Object.hasOwn(this.#conversations, name) ? this.#conversations[name] : undefined;
  }
}

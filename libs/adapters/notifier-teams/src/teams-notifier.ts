import {
  NotifierError,
  type CallPurpose,
  type CardDelivery,
  type GatheredDelivery,
  type MessageRef,
  type Notifier,
  type Pace,
} from '@countersign/notifier';
import type { ChannelIdentity } from '@countersign/domain-directory';
import type { Clock } from '@countersign/kernel';
import { cardActivity, reminderActivity, summaryOf } from './card/card-activity.ts';
import type { AdaptiveCard } from './card/card-elements.ts';
import { gatheredCard, GATHERS_AT_MOST } from './card/gathered-card.ts';
import { messageCard, pointerCard } from './card/message-card.ts';
import type { ConnectorClient, ConversationPlace } from './connector/connector-client.ts';
import { mayShowWhole } from './connector/conversation-privacy.ts';
import { objectToAccount } from './connector/object-to-account.ts';
import { placeOf } from './connector/place-of.ts';
import { messageRef, parseMessageRef } from './message-ref.ts';
import type { TeamsConfig, TeamsConversation } from './teams-config.ts';

/** Teams takes 7 calls a second for one conversation, and 1,800 an hour. */
const PACE = { perMinute: 30, burst: 7 };

interface Addressed {
  readonly channel: string;
  readonly signal: AbortSignal;
}

type Shown = Addressed & { readonly message: MessageRef };

/**
 * Cards in Teams. What a bot has posted can't be listed there: a post without an answer can't be looked for, so it
 * is made again, and its card says so.
 */
export class TeamsNotifier implements Notifier {
  readonly kind = 'teams';
  readonly gathersAtMost = GATHERS_AT_MOST;
  readonly #client: ConnectorClient;
  readonly #conversations: TeamsConfig['conversations'];
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(client: ConnectorClient, { conversations }: TeamsConfig, clock: Pick<Clock, 'nowMs'>) {
    this.#client = client;
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
    return this.#post(to, summaryOf(sheet), (isPrivate) =>
      isPrivate ? messageCard(sheet) : pointerCard(sheet),
    );
  }

  update({ sheet, ...of }: CardDelivery & { readonly message: MessageRef }): Promise<void> {
    return this.#edit(of, summaryOf(sheet), (isPrivate) =>
      isPrivate ? messageCard(sheet) : pointerCard(sheet),
    );
  }

  postGathered({ sheets, ...to }: GatheredDelivery): Promise<MessageRef> {
    return this.#post(to, `${sheets.length} requests`, (isPrivate) => gatheredCard(sheets, isPrivate));
  }

  updateGathered({ sheets, ...of }: GatheredDelivery & { readonly message: MessageRef }): Promise<void> {
    return this.#edit(of, `${sheets.length} requests`, (isPrivate) => gatheredCard(sheets, isPrivate));
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

  async #post(
    { channel, signal }: Addressed,
    summary: string,
    card: (isPrivate: boolean) => AdaptiveCard,
  ): Promise<MessageRef> {
    const target = this.#target(channel);
    if (target === undefined)
      throw new NotifierError('channel_refused', `Teams' settings name no conversation for ${channel}.`);
    const place = await placeOf(this.#client, target, signal);
    const isPrivate = await mayShowWhole(this.#client, target, place, signal);
    const activity = await this.#client.post(place, cardActivity(summary, card(isPrivate)), signal);
    return messageRef({ tenant: target.tenant, ...place, activity });
  }

  async #edit(
    { channel, message, signal }: Shown,
    summary: string,
    card: (isPrivate: boolean) => AdaptiveCard,
  ): Promise<void> {
    const { tenant, activity, ...place } = parseMessageRef(message);
    const isPrivate = await this.#isPrivate(this.#target(channel), tenant, place, signal);
    await this.#client.edit(place, activity, cardActivity(summary, card(isPrivate)), signal);
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

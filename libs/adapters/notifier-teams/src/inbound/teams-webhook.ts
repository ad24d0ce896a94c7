import type { WebhookReply, WebhookRequest } from '@countersign/notifier';
import { isAllowedServiceUrl, type TeamsConfig } from '../teams-config.ts';
import type { TeamsLog } from '../teams-log.ts';
import { readActivity, type ReceivedActivity, type TeamsActivity } from './activity.ts';
import { answerCardAction, type CardActionContext } from './answer-card-action.ts';
import { readBotToken } from './bot-token.ts';
import { RecentActivities } from './recent-activities.ts';
import type { VerifyActivity } from './verify-activity.ts';

export interface TeamsWebhookParts extends CardActionContext {
  readonly config: TeamsConfig;
  readonly verify: VerifyActivity;
  readonly log: TeamsLog;
}

/** The app came somewhere, or somebody speaks to it there. */
const TELLING: ReadonlySet<string> = new Set(['installationUpdate', 'conversationUpdate', 'message']);

const MOST_TOLD = 1_000;

/** What Teams tells a bot: who calls is proven before anything of it is acted on. */
export class TeamsWebhook {
  readonly #parts: TeamsWebhookParts;
  readonly #recent = new RecentActivities();
  readonly #inHand = new Set<Promise<unknown>>();
  readonly #told = new Set<string>();

  constructor(parts: TeamsWebhookParts) {
    this.#parts = parts;
  }

  answer(request: WebhookRequest): Promise<WebhookReply> {
    const reply = this.#answer(request);
    this.#inHand.add(reply);
    const forget = (): void => void this.#inHand.delete(reply);
    reply.then(forget, forget);
    return reply;
  }

  /** Resolves when all that came before is answered. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#inHand);
  }

  async #answer({ path, headers, rawBody }: WebhookRequest): Promise<WebhookReply> {
    if (path !== 'messages') return { status: 404 };
    const { config, verify, log } = this.#parts;
    const token = readBotToken(headers.authorization, config.appId);
    if (token === undefined) return { status: 401 };
    const received = readActivity(rawBody);
    if (received === undefined) return { status: 400 };
    const { activity, raw } = received;
    // The library asks for this only where the activity names one at all.
    if (activity.serviceUrl !== token.serviceUrl) return { status: 401 };
    const verdict = await verify(token.authorization, raw);
    if (verdict === 'unknown') {
      log.warn("The Bot Framework's keys can't be had; what Teams sends is not received.");
      return { status: 503 };
    }
    if (verdict === 'unproven') return { status: 401 };
    if (!this.#isAllowed(received)) return { status: 403 };
    const reply = this.#recent.answer(activity.id, rawBody, () => this.#handle(activity));
    return reply ?? { status: 400 };
  }

  /** Proven, and one of ours: both members that name a tenant must, since in a shared channel they may differ. */
  #isAllowed({ activity: { serviceUrl, conversation, channelData } }: ReceivedActivity): boolean {
    const { tenants, serviceUrls } = this.#parts.config;
    return (
      isAllowedServiceUrl(serviceUrls, serviceUrl) &&
      conversation.tenantId === channelData.tenant.id &&
      tenants.includes(conversation.tenantId)
    );
  }

  async #handle(activity: TeamsActivity): Promise<WebhookReply> {
    if (activity.type === 'invoke')
      return activity.name === 'adaptiveCard/action'
        ? answerCardAction(this.#parts, activity)
        : { status: 404 };
    if (TELLING.has(activity.type)) this.#tellOfConversation(activity);
    return { status: 200 };
  }

  /**
   * What the settings need to name a conversation; whoever sets Teams up reads it in the log. Once each: with consent
   * to read messages, Teams brings all that anybody writes there.
   */
  #tellOfConversation({ serviceUrl, conversation, channelData: { team } }: TeamsActivity): void {
    const told = {
      scope: conversation.conversationType,
      tenant: conversation.tenantId,
      serviceUrl,
      // A message in a channel is told with the thread that it stands in.
      conversation: conversation.id.split(';', 1)[0],
      ...(team && { team: team.id, ...(team.aadGroupId && { group: team.aadGroupId }) }),
    };
    const key = JSON.stringify(told);
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(key);
    this.#parts.log.info('Teams tells of a conversation that the settings may name.', told);
  }
}

import type { Clock } from '@countersign/kernel';
import { NotifierError } from '@countersign/notifier';
import type { PostedMark } from '../card/posted-mark.ts';
import type { TeamsConversation } from '../teams-config.ts';
import type { TeamsLog } from '../teams-log.ts';
import { findPosted, messagesPath } from './find-posted.ts';
import type { GraphClient } from './graph-client.ts';

export interface PostedCardsParts {
  /** Undefined where the settings don't let Graph be asked. */
  readonly graph: GraphClient | undefined;
  readonly appId: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: TeamsLog;
}

export interface WantedCard {
  readonly channel: string;
  readonly target: TeamsConversation;
  readonly mark: PostedMark;
  readonly signal: AbortSignal;
}

/** Which of our cards stand, as far as Graph may be asked. */
export class PostedCards {
  readonly #parts: PostedCardsParts;
  readonly #told = new Set<string>();

  constructor(parts: PostedCardsParts) {
    this.#parts = parts;
  }

  /**
   * The activity that shows it; undefined where none was found, or nobody may look. `channel_unavailable` where Graph
   * gives no answer now. That it refuses to is told in the log, once, and holds up no card.
   */
  async find({ channel, target, mark, signal }: WantedCard): Promise<string | undefined> {
    const { graph, appId, clock } = this.#parts;
    const path = messagesPath(target);
    if (graph === undefined || path === undefined) return undefined;
    const { tenant } = target;
    try {
      return await findPosted(graph, { tenant, path, appId, mark, nowMs: clock.nowMs(), signal });
    } catch (error) {
      if (!(error instanceof NotifierError) || error.code !== 'channel_refused') throw error;
      this.#tell(channel, target, error);
      return undefined;
    }
  }

  #tell(channel: string, target: TeamsConversation, error: NotifierError): void {
    if (this.#told.has(channel)) return;
    this.#told.add(channel);
    const permission = target.scope === 'channel' ? 'ChannelMessage.Read.Group' : 'ChatMessage.Read.Chat';
    this.#parts.log.warn(
      'Microsoft Graph does not tell what stands in a conversation, so a post without an answer is made again ' +
        `there: have an owner consent to ${permission}, check group, or set askGraph to false.`,
      { channel, error },
    );
  }
}

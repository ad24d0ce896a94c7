import { visible } from '@countersign/kernel';
import { WebAPIRateLimitedError } from '@slack/web-api';
import { NO_UNFURLING } from '../api/no-unfurling.ts';
import { platformCodeOf } from '../api/notifier-error-of.ts';
import type { Workspace } from '../api/workspace.ts';
import { sentenceBlock } from '../render/row-elements.ts';
import { escaped } from '../render/texts.ts';
import type { SlackLog } from '../slack-log.ts';

/** Who is told, and the card it is about. */
export interface Addressee {
  readonly workspace: Workspace;
  /** Where the card stands that they clicked on. */
  readonly channel: string;
  readonly user: string;
  readonly requestId: string;
}

/**
 * Slack's refusals to show this person anything in that channel: they only look into it, or have left; it is
 * archived; we are out of it; only some may post there.
 */
const NOT_THERE = new Set([
  'user_not_in_channel',
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'no_permission',
  'restricted_action',
]);

/** What only the person who clicked sees: beside the card, or as a direct message where nothing can be shown there. */
export class PrivateAnswers {
  readonly #log: SlackLog;
  readonly #telling = new Set<Promise<unknown>>();

  constructor(log: SlackLog) {
    this.#log = log;
  }

  /**
   * Whether they were told, as far as Slack says. Never rejects: what was decided stands in the log and on the card,
   * whether or not this was seen.
   */
  async tell(to: Addressee, sentence: string): Promise<boolean> {
    const { channel, requestId } = to;
    try {
      await beside(to, sentence).catch((error: unknown) => {
        if (!canBeToldElsewhere(error)) throw error;
        return directly(to, sentence);
      });
      return true;
    } catch (error) {
      this.#log.warn('A private answer could not be given.', { channel, requestId, error });
      return false;
    }
  }

  /** The same, for what a platform's call isn't kept waiting for. */
  tellMeanwhile(to: Addressee, sentence: string): void {
    const telling = this.tell(to, sentence).finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /** Resolves when nobody is being told anything. */
  async settled(): Promise<void> {
    await Promise.all(this.#telling);
  }
}

/** Names of the directory stand in it: what can't be seen is written out there, too. */
const contentOf = (sentence: string) => ({
  text: escaped(visible(sentence)),
  blocks: [sentenceBlock(visible(sentence))],
});

const beside = ({ workspace, channel, user }: Addressee, sentence: string) =>
  workspace.web.chat.postEphemeral({ channel, user, ...contentOf(sentence) });

/** With no card beside it, it says which request it is about; that, and nothing of what the request says. */
const directly = ({ workspace, user, requestId }: Addressee, sentence: string) =>
  workspace.web.chat.postMessage({
    ...NO_UNFURLING,
    channel: user,
    ...contentOf(`About request ${requestId}: ${sentence}`),
  });

/** Too many of a kind are no hindrance to another kind: direct messages are counted each by its conversation. */
const canBeToldElsewhere = (error: unknown): boolean =>
  error instanceof WebAPIRateLimitedError || NOT_THERE.has(platformCodeOf(error) ?? '');

import type { Workspace } from '../api/workspace.ts';
import { sentenceBlock } from '../render/row-elements.ts';
import { escaped } from '../render/texts.ts';
import type { SlackLog } from '../slack-log.ts';

/** What only the person who clicked sees, beside the card. */
export class PrivateAnswers {
  readonly #log: SlackLog;

  constructor(log: SlackLog) {
    this.#log = log;
  }

  /** Never rejects: what was decided stands in the log and on the card, whether or not this was seen. */
  async tell(workspace: Workspace, channel: string, user: string, sentence: string): Promise<void> {
    try {
      await workspace.web.chat.postEphemeral({
        channel,
        user,
        text: escaped(sentence),
        blocks: [sentenceBlock(sentence)],
      });
    } catch (error) {
      this.#log.warn('A private answer could not be given.', { channel, error });
    }
  }
}

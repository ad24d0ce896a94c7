import { createHash } from 'node:crypto';
import type { WebhookReply } from '@countersign/notifier';

/** How many are remembered; a click, which is all that counts, is remembered by the log. */
const KEPT = 500;

interface Seen {
  readonly body: string;
  readonly reply: Promise<WebhookReply>;
}

/** Answers an activity that comes again as it was answered, and does nothing twice. */
export class RecentActivities {
  readonly #seen = new Map<string, Seen>();

  /** Undefined where another body came under this id. */
  answer(id: string, rawBody: Buffer, once: () => Promise<WebhookReply>): Promise<WebhookReply> | undefined {
    const body = createHash('sha256').update(rawBody).digest('base64');
    const seen = this.#seen.get(id);
    if (seen !== undefined) return seen.body === body ? seen.reply : undefined;
    const reply = once();
    this.#seen.set(id, { body, reply });
    const forget = (): void => void this.#seen.delete(id);
    // What wasn't received may come again.
    reply.then(({ status }) => (status === 503 ? forget() : undefined), forget);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > KEPT && oldest !== undefined) this.#seen.delete(oldest);
    return reply;
  }
}

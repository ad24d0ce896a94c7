import type { Notifier } from '../notifier.ts';

/** A platform's call to us as it came: nothing is parsed before its signature was checked. */
export interface WebhookRequest {
  /** Below `/v1/<kind>/`: `interactions`, `messages`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
}

/** Done; accepted; malformed; not proven; not allowed; unknown; too fast; not now. */
export type WebhookStatus = 200 | 202 | 400 | 401 | 403 | 404 | 429 | 503;

export interface WebhookReply {
  readonly status: WebhookStatus;
  readonly contentType?: string;
  readonly body?: string;
}

/**
 * A kind of channel: how cards reach people, and how their clicks come back. Adding one is a folder under
 * `libs/adapters` and a line in the notification service's list.
 */
export interface Channel {
  readonly notifier: Notifier;
  /**
   * Answers a call of the platform. Never throws for what a stranger may send: that is a 4xx without a word
   * more than the stranger knows already. A throw is ours, and becomes a 503.
   */
  readonly webhook?: (request: WebhookRequest) => Promise<WebhookReply>;
  /** Opens what the channel keeps open besides, such as a socket; before that it receives nothing. */
  readonly start?: () => Promise<void>;
  /** Receives nothing more, and resolves when what was received is in the log. */
  readonly stop?: () => Promise<void>;
  /** Why it is not ready, in a sentence; undefined where it is. */
  readonly ready?: () => string | undefined;
}

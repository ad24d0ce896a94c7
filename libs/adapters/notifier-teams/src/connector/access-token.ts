import type { Clock } from '@countersign/kernel';
import { NotifierError } from '@countersign/notifier';
import { z } from 'zod';

export interface AccessTokenOptions {
  readonly tokenUrl: string;
  readonly appId: string;
  readonly secret: string;
  readonly clock: Clock;
}

const SCOPE = 'https://api.botframework.com/.default';
const TIMEOUT_MS = 5_000;
/** A token is given up this long before it expires. */
const MARGIN_MS = 300_000;

const answerSchema = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** The bot's own token for the connector (RFC 6749, 4.4), kept until shortly before it expires. */
export class AccessToken {
  readonly #options: AccessTokenOptions;
  #current: Promise<{ readonly token: string; readonly untilMs: number }> | undefined;

  constructor(options: AccessTokenOptions) {
    this.#options = options;
  }

  /** Rejects with `channel_unavailable`: whoever asks has sent nothing yet. */
  async get(): Promise<string> {
    const kept = await this.#current?.catch(() => undefined);
    if (kept !== undefined && kept.untilMs > this.#options.clock.nowMs()) return kept.token;
    this.#current = this.#ask();
    return (await this.#current).token;
  }

  /** Where the connector wouldn't have it. */
  forget(): void {
    this.#current = undefined;
  }

  async #ask(): Promise<{ readonly token: string; readonly untilMs: number }> {
    const { tokenUrl, appId, secret, clock } = this.#options;
    const askedMs = clock.nowMs();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: secret,
      scope: SCOPE,
    });
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(tokenUrl, { method: 'POST', body, signal, redirect: 'error' });
      // What a failure says isn't passed on: it may repeat what was sent.
      if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
      const { access_token: token, expires_in: lifeS } = answerSchema.parse(await response.json());
      return { token, untilMs: askedMs + lifeS * 1_000 - MARGIN_MS };
    } catch (cause) {
      throw new NotifierError(
        'channel_unavailable',
        "Microsoft gave the bot no token; check appId, appTenant and the secret in Teams' settings.",
        { cause },
      );
    }
  }
}

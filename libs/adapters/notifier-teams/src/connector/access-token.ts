import type { Clock } from '@countersign/kernel';
import { NotifierError, type NotifierErrorCode } from '@countersign/notifier';
import { z } from 'zod';
import type { ClientCredential } from '../credential/client-credential.ts';

export const CONNECTOR_SCOPE = 'https://api.botframework.com/.default';

export interface AccessTokenOptions {
  readonly tokenUrl: string;
  readonly scope: string;
  readonly appId: string;
  readonly credential: ClientCredential;
  readonly clock: Clock;
  /** The code where the endpoint answers that there is no token for this app; `channel_unavailable` unless told. */
  readonly refusedAs?: NotifierErrorCode;
}

const TIMEOUT_MS = 5_000;
/** A token is given up this long before it expires. */
const MARGIN_MS = 300_000;

const answerSchema = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** The app's own token for one scope (RFC 6749, 4.4), kept until shortly before it expires. */
export class AccessToken {
  readonly #options: AccessTokenOptions;
  #current: Promise<{ readonly token: string; readonly untilMs: number }> | undefined;

  constructor(options: AccessTokenOptions) {
    this.#options = options;
  }

  /** Rejects with `channel_unavailable`, or `refusedAs`: whoever asks has sent nothing yet. */
  async get(): Promise<string> {
    const kept = await this.#current?.catch(() => undefined);
    if (kept !== undefined && kept.untilMs > this.#options.clock.nowMs()) return kept.token;
    this.#current = this.#ask();
    return (await this.#current).token;
  }

  /** Where who was shown it wouldn't have it. */
  forget(): void {
    this.#current = undefined;
  }

  async #ask(): Promise<{ readonly token: string; readonly untilMs: number }> {
    const { tokenUrl, scope, appId, credential, clock, refusedAs = 'channel_unavailable' } = this.#options;
    const askedMs = clock.nowMs();
    let status: number | undefined;
    try {
      const proof = await credential(tokenUrl);
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: appId,
        scope,
        ...proof,
      });
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(tokenUrl, { method: 'POST', body, signal, redirect: 'error' });
      ({ status } = response);
      // What a failure says isn't passed on: it may repeat what was sent.
      if (!response.ok) throw new Error(`The token endpoint answered ${status}.`);
      const { access_token: token, expires_in: lifeS } = answerSchema.parse(await response.json());
      return { token, untilMs: askedMs + lifeS * 1_000 - MARGIN_MS };
    } catch (cause) {
      throw new NotifierError(
        isRefusal(status) ? refusedAs : 'channel_unavailable',
        "Microsoft gave the bot no token; check appId, appTenant and the secret or certificate in Teams' settings.",
        { cause },
      );
    }
  }
}

/** As opposed to a failure that passes. */
const isRefusal = (status: number | undefined): boolean =>
  status === 400 || status === 401 || status === 403 || status === 404;

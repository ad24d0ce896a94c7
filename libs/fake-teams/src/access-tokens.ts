import { randomUUID } from 'node:crypto';

const LIFE_S = 3_600;
const SCOPE = 'https://api.botframework.com/.default';

export interface TokenAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What a bot gets for its secret, and shows to the connector. */
export class AccessTokens {
  readonly #appId: string;
  readonly #secret: string;
  readonly #issued = new Set<string>();
  /** How many were asked for. */
  asked = 0;

  constructor(appId: string, secret: string) {
    this.#appId = appId;
    this.#secret = secret;
  }

  /** The client credentials grant (RFC 6749, 4.4). */
  grant(form: URLSearchParams): TokenAnswer {
    this.asked += 1;
    const isOurs = form.get('client_id') === this.#appId && form.get('client_secret') === this.#secret;
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== SCOPE)
      return { status: 400, body: { error: 'invalid_request' } };
    if (!isOurs) return { status: 401, body: { error: 'invalid_client' } };
    const token = randomUUID();
    this.#issued.add(token);
    return { status: 200, body: { token_type: 'Bearer', expires_in: LIFE_S, access_token: token } };
  }

  isGood(authorization: string | undefined): boolean {
    return this.#issued.has(authorization?.replace(/^Bearer /, '') ?? '');
  }

  /** As if all had expired. */
  revokeAll(): void {
    this.#issued.clear();
  }
}

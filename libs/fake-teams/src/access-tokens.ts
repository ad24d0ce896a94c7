import { randomUUID } from 'node:crypto';
import type { ClientCredentials } from './client-credentials.ts';

const LIFE_S = 3_600;
const AUDIENCES = {
  'https://api.botframework.com/.default': 'connector',
  'https://graph.microsoft.com/.default': 'graph',
} as const;

/** What a token opens. */
export type TokenAudience = (typeof AUDIENCES)[keyof typeof AUDIENCES];

export interface TokenAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The token endpoint that was asked: one of a tenant's, or the Bot Framework's. */
export interface TokenEndpoint {
  readonly url: string;
  readonly tenant: string | undefined;
}

interface Issued {
  readonly audience: TokenAudience;
  readonly tenant: string | undefined;
}

const refusal = (status: number, error: string): TokenAnswer => ({ status, body: { error } });

const audienceOf = (scope: string | null): TokenAudience | undefined =>
  Object.entries(AUDIENCES).find(([known]) => known === scope)?.[1];

/** What a bot gets for its secret or its certificate, and shows to the connector and to Graph. */
export class AccessTokens {
  readonly #credentials: ClientCredentials;
  readonly #issued = new Map<string, Issued>();
  /** Tenants that know nothing of the app: nobody installed it there. */
  readonly strangers = new Set<string>();
  /** How many were asked for. */
  asked = 0;

  constructor(credentials: ClientCredentials) {
    this.#credentials = credentials;
  }

  /** The client credentials grant (RFC 6749, 4.4). Graph's tokens are a tenant's, so only its endpoint has them. */
  async grant(form: URLSearchParams, { url, tenant }: TokenEndpoint): Promise<TokenAnswer> {
    this.asked += 1;
    const audience = audienceOf(form.get('scope'));
    if (form.get('grant_type') !== 'client_credentials' || audience === undefined)
      return refusal(400, 'invalid_request');
    if (!(await this.#credentials.areGood(form, url))) return refusal(401, 'invalid_client');
    if (audience === 'graph' && tenant === undefined) return refusal(400, 'invalid_request');
    if (tenant !== undefined && this.strangers.has(tenant)) return refusal(400, 'unauthorized_client');
    const token = randomUUID();
    this.#issued.set(token, { audience, tenant });
    return { status: 200, body: { token_type: 'Bearer', expires_in: LIFE_S, access_token: token } };
  }

  isGood(authorization: string | undefined): boolean {
    return this.#tokenOf(authorization)?.audience === 'connector';
  }

  /** Whose data a token for Graph opens; undefined of any other. */
  graphTenant(authorization: string | undefined): string | undefined {
    const token = this.#tokenOf(authorization);
    return token?.audience === 'graph' ? token.tenant : undefined;
  }

  /** As if all had expired. */
  revokeAll(): void {
    this.#issued.clear();
  }

  #tokenOf(authorization: string | undefined): Issued | undefined {
    return this.#issued.get(authorization?.replace(/^Bearer /, '') ?? '');
  }
}

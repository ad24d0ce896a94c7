import { NotifierError } from '@countersign/notifier';
import { z } from 'zod';
import type { AccessToken } from '../connector/access-token.ts';
import { retryAfterMs, unanswered } from '../connector/connector-failure.ts';

/** A whole post has ten seconds, and several pages may have to be read in them. */
const TIMEOUT_MS = 4_000;

const pageSchema = z.looseObject({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
});

export interface GraphPage {
  readonly items: readonly unknown[];
  /** Where the next page is, always at Graph itself; undefined on the last one. */
  readonly next: string | undefined;
}

export interface GraphClientOptions {
  /** Ends with `/`; the version comes after it. */
  readonly graphUrl: string;
  /** The app's own token for Graph, from the tenant's endpoint. */
  readonly tokenFor: (tenant: string) => AccessToken;
}

/** Reads from Microsoft Graph. `channel_unavailable`: another try may do; `channel_refused`: none will. */
export class GraphClient {
  readonly #options: GraphClientOptions;

  constructor(options: GraphClientOptions) {
    this.#options = options;
  }

  /** `path` is below the version, with its query, or a page's `next`. */
  async page(tenant: string, path: string, signal: AbortSignal): Promise<GraphPage> {
    const { graphUrl } = this.#options;
    const url = URL.parse(path, `${graphUrl}v1.0/`);
    // Our token goes nowhere else, whatever the answer before said.
    if (url === null || url.origin !== new URL(graphUrl).origin)
      throw new NotifierError('channel_refused', 'Microsoft Graph leads to another address.');
    const page = pageOf(await this.#read(url.href, tenant, signal));
    if (page === undefined)
      throw new NotifierError('channel_refused', 'Microsoft Graph answered what is not understood.');
    return { items: page.value, next: page['@odata.nextLink'] };
  }

  /** A token that it takes no more is replaced once: what a fresh one isn't enough for is refused. */
  async #read(url: string, tenant: string, signal: AbortSignal): Promise<string> {
    const token = this.#options.tokenFor(tenant);
    let response = await this.#get(url, await token.get(), signal);
    if (response.status === 401) {
      token.forget();
      response = await this.#get(url, await token.get(), signal);
    }
    if (response.ok) return response.text;
    const mayPass = response.status === 429 || response.status === 408 || response.status >= 500;
    throw new NotifierError(
      mayPass ? 'channel_unavailable' : 'channel_refused',
      `Microsoft Graph answered ${response.status}.`,
      retryAfterMs(response.headers),
    );
  }

  async #get(url: string, token: string, signal: AbortSignal) {
    try {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await response.text();
      const { ok, status, headers } = response;
      return { ok, status, headers, text };
    } catch (error) {
      throw unanswered(error, 'repeatable');
    }
  }
}

const pageOf = (text: string): z.infer<typeof pageSchema> | undefined => {
  try {
    return pageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

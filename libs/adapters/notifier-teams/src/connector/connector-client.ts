import { NotifierError } from '@countersign/notifier';
import { z } from 'zod';
import { asFolder, isAllowedServiceUrl } from '../teams-config.ts';
import type { AccessToken } from './access-token.ts';
import { answeredFailure, unanswered, type CallEffect } from './connector-failure.ts';

const TIMEOUT_MS = 10_000;

const idSchema = z.looseObject({ id: z.string().min(1) });

const memberSchema = z.looseObject({
  aadObjectId: z.string().optional(),
  objectId: z.string().optional(),
  tenantId: z.string().optional(),
  userRole: z.string().optional(),
});
export type Member = z.infer<typeof memberSchema>;

const membersSchema = z.looseObject({
  members: z.array(memberSchema),
  continuationToken: z.string().optional(),
});

const channelsSchema = z.looseObject({
  conversations: z.array(z.looseObject({ id: z.string(), type: z.string().optional() })),
});

/** A conversation at the region that serves it. */
export interface ConversationPlace {
  readonly serviceUrl: string;
  readonly conversation: string;
}

export interface ConnectorClientOptions {
  readonly accessToken: AccessToken;
  readonly allowedServiceUrls: readonly string[];
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly serviceUrl: string;
  readonly path: readonly string[];
  readonly query?: string;
  readonly body?: object;
  readonly effect: CallEffect;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The Bot Connector's REST interface, each call tried once: whether it is tried again is the outbox's affair, which
 * must know what may stand already. Rejects with `NotifierError`s alone.
 */
export class ConnectorClient {
  readonly #options: ConnectorClientOptions;

  constructor(options: ConnectorClientOptions) {
    this.#options = options;
  }

  /** The new message's id. */
  async post(
    { serviceUrl, conversation }: ConversationPlace,
    activity: object,
    signal: AbortSignal,
  ): Promise<string> {
    const path = ['conversations', conversation, 'activities'];
    return this.#id({ method: 'POST', serviceUrl, path, body: activity, effect: 'sends', signal });
  }

  async edit(
    { serviceUrl, conversation }: ConversationPlace,
    activityId: string,
    activity: object,
    signal: AbortSignal,
  ): Promise<void> {
    const path = ['conversations', conversation, 'activities', activityId];
    const body = { ...activity, id: activityId };
    await this.#call({ method: 'PUT', serviceUrl, path, body, effect: 'repeatable', signal });
  }

  /** The id of the personal chat with somebody: the same one however often it is asked for. */
  personalChat(serviceUrl: string, tenant: string, user: string, signal?: AbortSignal): Promise<string> {
    const body = {
      isGroup: false,
      members: [{ id: user }],
      tenantId: tenant,
      channelData: { tenant: { id: tenant } },
    };
    const path = ['conversations'];
    return this.#id({ method: 'POST', serviceUrl, path, body, effect: 'repeatable', signal });
  }

  /** Undefined where the conversation has no such member, or the bot isn't in it. */
  async member({ serviceUrl, conversation }: ConversationPlace, user: string): Promise<Member | undefined> {
    const path = ['conversations', conversation, 'members', user];
    try {
      const answer = await this.#call({ method: 'GET', serviceUrl, path, effect: 'repeatable' });
      return parsed(memberSchema, answer, 'repeatable');
    } catch (error) {
      if (error instanceof NotifierError && error.code === 'channel_refused') return undefined;
      throw error;
    }
  }

  /** One page of a conversation's members; `continuationToken` where there are more. */
  async members(
    { serviceUrl, conversation }: ConversationPlace,
    continuationToken: string | undefined,
    signal: AbortSignal,
  ): Promise<z.infer<typeof membersSchema>> {
    const query = new URLSearchParams({
      pageSize: '500',
      ...(continuationToken !== undefined && { continuationToken }),
    }).toString();
    const path = ['conversations', conversation, 'pagedmembers'];
    const answer = await this.#call({ method: 'GET', serviceUrl, path, query, effect: 'repeatable', signal });
    return parsed(membersSchema, answer, 'repeatable');
  }

  /** `standard`, `private` or `shared`; undefined where the team has no such channel, or Teams doesn't say. */
  async channelType(
    { serviceUrl, conversation }: ConversationPlace,
    team: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const path = ['teams', team, 'conversations'];
    const answer = await this.#call({ method: 'GET', serviceUrl, path, effect: 'repeatable', signal });
    const { conversations } = parsed(channelsSchema, answer, 'repeatable');
    return conversations.find(({ id }) => id === conversation)?.type;
  }

  async #id(call: Call): Promise<string> {
    return parsed(idSchema, await this.#call(call), call.effect).id;
  }

  async #call({ method, serviceUrl, path, query = '', body, effect, signal }: Call): Promise<unknown> {
    const { accessToken, allowedServiceUrls } = this.#options;
    // Our token goes nowhere else, whatever a stored reference says.
    if (!isAllowedServiceUrl(allowedServiceUrls, serviceUrl))
      throw new NotifierError('channel_refused', 'The service URL is not on the list of allowed ones.');
    const url = `${asFolder(serviceUrl)}v3/${path.map(encodeURIComponent).join('/')}${query && `?${query}`}`;
    const token = await accessToken.get();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status === 401) accessToken.forget();
      if (!response.ok) throw answeredFailure(response.status, response.headers, effect);
      return text === '' ? undefined : JSON.parse(text);
    } catch (error) {
      throw error instanceof NotifierError ? error : unanswered(error, effect);
    }
  }
}

/** An answer that isn't understood is none: what it was about may be done. */
const parsed = <T>(schema: z.ZodType<T>, answer: unknown, effect: CallEffect): T => {
  const result = schema.safeParse(answer);
  if (!result.success) throw unanswered(result.error, effect);
  return result.data;
};

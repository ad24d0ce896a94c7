import { z } from 'zod';
import type { ConnectorAnswer } from './connector.ts';
import type { Conversations, FakeConversation, PostedMessage } from './conversations.ts';
import { chatMessageOf } from './graph-message.ts';

export interface GraphCall {
  readonly method: string;
  /** With the query; its path begins with `/graph`. */
  readonly url: URL;
  /** Whose data the token opens; undefined without a token for Graph. */
  readonly tenant: string | undefined;
}

const problem = (status: number, code: string): ConnectorAnswer => ({ status, body: { error: { code } } });

const NOT_FOUND = problem(404, 'NotFound');
const MOST_AT_ONCE = 50;

const querySchema = z.object({
  $top: z.coerce.number().int().min(1).max(MOST_AT_ONCE).default(20),
  $orderby: z.enum(['createdDateTime desc', 'lastModifiedDateTime desc']).optional(),
  $skiptoken: z.coerce.number().int().min(0).default(0),
});

/**
 * Microsoft Graph, as far as messages are read by an app with resource-specific consent: of those teams and chats
 * alone that gave it, newest first, page by page. Answers to messages in a channel aren't listed with them.
 */
export class Graph {
  /** Ids of groups (for the channels of their teams) and of group chats that let the app read messages. */
  readonly consents = new Set<string>();
  /** Calls, refusals included: `GET /v1.0/chats/...`, without the query. */
  readonly calls: string[] = [];
  /** A page holds no more than this, whatever is asked. */
  pageSize = MOST_AT_ONCE;
  /** Where a next page is said to be; Graph's own address unless a test leads astray. */
  nextPagesAt: string | undefined;
  readonly #conversations: Conversations;
  readonly #appId: string;

  constructor(conversations: Conversations, appId: string) {
    this.#conversations = conversations;
    this.#appId = appId;
  }

  answer({ method, url, tenant }: GraphCall): ConnectorAnswer {
    const [version, ...path] = url.pathname.split('/').slice(2).map(decodeURIComponent);
    if (tenant === undefined) return problem(401, 'InvalidAuthenticationToken');
    if (method !== 'GET' || version !== 'v1.0') return NOT_FOUND;
    const asked = this.#asked(path);
    if (asked === undefined || asked.conversation.tenantId !== tenant) return NOT_FOUND;
    if (!this.consents.has(asked.consent)) return problem(403, 'Forbidden');
    return this.#page(asked.conversation, url);
  }

  #asked(path: readonly string[]): { conversation: FakeConversation; consent: string } | undefined {
    const [area, id = '', part, channel = '', last] = path;
    const conversation = this.#conversations.all.get(area === 'chats' ? id : channel);
    if (conversation === undefined) return undefined;
    const { scope, team } = conversation;
    if (area === 'chats')
      return part === 'messages' && path.length === 3 && scope !== 'channel'
        ? { conversation, consent: id }
        : undefined;
    const isOfTeam = area === 'teams' && part === 'channels' && team?.groupId === id;
    return isOfTeam && last === 'messages' && path.length === 5 ? { conversation, consent: id } : undefined;
  }

  #page(conversation: FakeConversation, url: URL): ConnectorAnswer {
    const query = querySchema.safeParse(Object.fromEntries(url.searchParams)).data;
    const isChannel = conversation.scope === 'channel';
    if (query === undefined || (isChannel && query.$orderby !== undefined)) return problem(400, 'BadRequest');
    const all = this.#messages(conversation);
    const from = query.$skiptoken;
    const size = Math.min(query.$top, this.pageSize);
    const page = all.slice(from, from + size).map((one) => chatMessageOf(one, conversation, this.#appId));
    if (from + size >= all.length) return { status: 200, body: { value: page } };
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(from + size));
    const link = this.nextPagesAt ?? next.href;
    return { status: 200, body: { value: page, '@odata.nextLink': link } };
  }

  #messages({ id, scope }: FakeConversation): readonly PostedMessage[] {
    return [...this.#conversations.messages.values()]
      .filter((one) => one.conversationId === id && (scope !== 'channel' || one.replyToId === undefined))
      .toSorted((one, other) => other.createdMs - one.createdMs || Number(other.id) - Number(one.id));
  }
}

import { z } from 'zod';
import { objectionToActivity } from './card-rules.ts';
import type { Conversations, FakeConversation, FakePerson } from './conversations.ts';

export interface ConnectorAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Seconds. */
  readonly retryAfter?: number;
}

export interface ConnectorCall {
  readonly method: string;
  /** Below the service URL, decoded, without a query. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const problem = (status: number, code: string, message: string): ConnectorAnswer => ({
  status,
  body: { error: { code, message } },
});

const UNKNOWN = problem(404, 'ConversationNotFound', 'Conversation not found.');

/** How the connector tells of a member; object and Teams ids are both understood. */
export const memberOf = ({ aadObjectId, name, tenantId, userRole }: FakePerson): object => ({
  id: `29:${aadObjectId}`,
  aadObjectId,
  objectId: aadObjectId,
  name,
  tenantId,
  userRole,
});

const PAGE = 50;

const createSchema = z.looseObject({
  isGroup: z.literal(false).optional(),
  tenantId: z.string().optional(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: z.string() }) }).optional(),
  members: z.array(z.looseObject({ id: z.string() })).length(1),
});

/** The Bot Connector's REST interface, as far as a bot that shows cards needs it. */
export class Connector {
  readonly #conversations: Conversations;

  constructor(conversations: Conversations) {
    this.#conversations = conversations;
  }

  answer(call: ConnectorCall): ConnectorAnswer {
    const [version, area, id, part, sub] = call.path;
    if (version !== 'v3') return UNKNOWN;
    if (area === 'teams' && id !== undefined && call.method === 'GET') return this.#team(id, part);
    if (area !== 'conversations') return UNKNOWN;
    if (id === undefined) return call.method === 'POST' ? this.#create(call.body) : UNKNOWN;
    const [conversationId = id, thread] = id.split(';messageid=');
    const conversation = this.#conversations.all.get(conversationId);
    if (conversation === undefined) return UNKNOWN;
    if (part === 'activities') return this.#activities(call, conversation, { activityId: sub, thread });
    if (call.method !== 'GET') return UNKNOWN;
    if (part === 'members' && sub !== undefined) return this.#member(conversation, sub);
    if (part === 'pagedmembers') return this.#pagedMembers(conversation, call.query);
    return UNKNOWN;
  }

  #activities(
    { method, body }: ConnectorCall,
    conversation: FakeConversation,
    { activityId, thread }: { readonly activityId: string | undefined; readonly thread: string | undefined },
  ): ConnectorAnswer {
    const refusal = objectionToActivity(body);
    if (refusal !== undefined) return problem(refusal.status, refusal.code, refusal.message);
    const activity = z.record(z.string(), z.unknown()).parse(body);
    if (method === 'POST' && activityId === undefined) {
      const where = thread === undefined ? {} : { replyToId: thread };
      return { status: 201, body: { id: this.#conversations.post(conversation.id, activity, where).id } };
    }
    const message = this.#conversations.messages.get(activityId ?? '');
    if (method !== 'PUT' || message?.conversationId !== conversation.id || message.isDeleted)
      return problem(404, 'ActivityNotFoundInConversation', 'Activity not found.');
    this.#conversations.edit(message, activity);
    return { status: 200, body: { id: message.id } };
  }

  #create(body: unknown): ConnectorAnswer {
    const asked = createSchema.safeParse(body).data;
    const id = asked?.members[0]?.id.replace(/^29:/, '');
    const person = id === undefined ? undefined : this.#conversations.person(id);
    const tenant = asked?.tenantId ?? asked?.channelData?.tenant.id;
    if (person === undefined || person.tenantId !== tenant)
      return problem(403, 'BotNotInConversationRoster', 'The bot is not installed for this person.');
    return { status: 201, body: { id: this.#conversations.personalChat(person).id } };
  }

  #member({ members }: FakeConversation, id: string): ConnectorAnswer {
    const person = members.get(id.replace(/^29:/, ''));
    return person === undefined
      ? problem(404, 'MemberNotFoundInConversation', 'Member not found in conversation.')
      : { status: 200, body: memberOf(person) };
  }

  #pagedMembers({ members }: FakeConversation, query: URLSearchParams): ConnectorAnswer {
    const from = Number(query.get('continuationToken') ?? 0);
    const page = [...members.values()].slice(from, from + PAGE).map(memberOf);
    const goesOn = from + PAGE < members.size;
    return {
      status: 200,
      body: { members: page, ...(goesOn && { continuationToken: String(from + PAGE) }) },
    };
  }

  #team(teamId: string, part: string | undefined): ConnectorAnswer {
    const channels = [...this.#conversations.all.values()].filter(({ team }) => team?.id === teamId);
    const first = channels[0];
    if (first === undefined) return problem(403, 'BotNotInConversationRoster', 'The bot is not in the team.');
    if (part === undefined)
      return { status: 200, body: { id: teamId, name: 'Operations', tenantId: first.tenantId } };
    if (part !== 'conversations') return UNKNOWN;
    const listed = channels.map(({ id, team }) => ({ id, name: id.slice(3, 8), type: team?.type }));
    return { status: 200, body: { conversations: listed } };
  }
}

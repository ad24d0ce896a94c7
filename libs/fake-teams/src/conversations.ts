import { randomUUID } from 'node:crypto';

export interface FakePerson {
  readonly aadObjectId: string;
  readonly name: string;
  readonly tenantId: string;
  readonly userRole: 'user' | 'guest' | 'anonymous';
}

export type Scope = 'personal' | 'groupChat' | 'channel';

export interface FakeConversation {
  readonly id: string;
  readonly scope: Scope;
  readonly tenantId: string;
  readonly members: Map<string, FakePerson>;
  /** Of a channel. */
  readonly team?: {
    readonly id: string;
    readonly type: 'standard' | 'private' | 'shared';
    /** Of its Entra group: what Graph calls the team. */
    readonly groupId?: string;
  };
}

/** Who wrote a message; the bot where it isn't said. */
export type Sender =
  | { readonly kind: 'bot' }
  | { readonly kind: 'app'; readonly appId: string }
  /** `through`: by means of this app. */
  | { readonly kind: 'person'; readonly person: FakePerson; readonly through?: string };

export interface PostedMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly sender: Sender;
  /** The message that it answers, in a channel. */
  readonly replyToId: string | undefined;
  /** When it was posted; a test may move it back. */
  createdMs: number;
  isDeleted: boolean;
  /** What everybody sees who has no view of their own. */
  activity: Readonly<Record<string, unknown>>;
  edits: number;
  /** Cards that an answer to one person's click showed to that person alone, by object id. */
  readonly ownViews: Map<string, unknown>;
}

/** All that this Teams holds. */
export class Conversations {
  readonly all = new Map<string, FakeConversation>();
  readonly messages = new Map<string, PostedMessage>();
  #lastMessage = 1_700_000_000_000;

  add(conversation: Omit<FakeConversation, 'members'>, people: readonly FakePerson[]): FakeConversation {
    const added = {
      ...conversation,
      members: new Map(people.map((person) => [person.aadObjectId, person])),
    };
    this.all.set(added.id, added);
    return added;
  }

  /** The personal chat with somebody: the same one however often it is asked for. */
  personalChat(person: FakePerson): FakeConversation {
    const found = [...this.all.values()].find(
      ({ scope, members }) => scope === 'personal' && members.has(person.aadObjectId),
    );
    if (found !== undefined) return found;
    return this.add({ id: `a:${randomUUID()}`, scope: 'personal', tenantId: person.tenantId }, [person]);
  }

  person(aadObjectId: string): FakePerson | undefined {
    for (const { members } of this.all.values()) {
      const found = members.get(aadObjectId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  post(
    conversationId: string,
    activity: Readonly<Record<string, unknown>>,
    { sender = { kind: 'bot' }, replyToId }: { readonly sender?: Sender; readonly replyToId?: string } = {},
  ): PostedMessage {
    const id = String((this.#lastMessage += 1));
    const message = {
      id,
      conversationId,
      sender,
      replyToId,
      createdMs: Date.now(),
      isDeleted: false,
      activity,
      edits: 0,
      ownViews: new Map<string, unknown>(),
    };
    this.messages.set(id, message);
    return message;
  }

  /** An edit ends what single people saw in its place. */
  edit(message: PostedMessage, activity: Readonly<Record<string, unknown>>): void {
    message.activity = activity;
    message.edits += 1;
    message.ownViews.clear();
  }
}

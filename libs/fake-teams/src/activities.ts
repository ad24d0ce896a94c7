import { randomUUID } from 'node:crypto';
import type { FakeConversation, FakePerson } from './conversations.ts';

/** What the bot is told apart from the words: as Teams writes it. */
export interface ActivityFrame {
  readonly appId: string;
  readonly serviceUrl: string;
  readonly conversation: FakeConversation;
  readonly from: FakePerson;
}

type ActivityJson = Readonly<Record<string, unknown>>;

const frame = ({ appId, serviceUrl, conversation, from }: ActivityFrame): ActivityJson => ({
  id: `f:${randomUUID()}`,
  channelId: 'msteams',
  serviceUrl,
  timestamp: new Date().toISOString(),
  from: { id: `29:${from.aadObjectId}`, name: from.name, aadObjectId: from.aadObjectId },
  recipient: { id: `28:${appId}`, name: 'Countersign' },
  conversation: {
    id: conversation.id,
    tenantId: conversation.tenantId,
    conversationType: conversation.scope,
    ...(conversation.scope !== 'personal' && { isGroup: true }),
  },
  locale: 'en-GB',
  channelData: {
    tenant: { id: from.tenantId },
    source: { name: 'message' },
    ...(conversation.team && {
      team: {
        id: conversation.team.id,
        ...(conversation.team.groupId && { aadGroupId: conversation.team.groupId }),
      },
      channel: { id: conversation.id },
      settings: { selectedChannel: { id: conversation.id } },
    }),
  },
});

export interface ClickParts {
  readonly verb: string;
  readonly data: ActivityJson;
  readonly messageId: string;
}

/** A button with `Action.Execute` was used. */
export const cardAction = (given: ActivityFrame, { verb, data, messageId }: ClickParts): ActivityJson => {
  const framed = frame(given);
  const { conversation } = given;
  return {
    ...framed,
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: messageId,
    ...(conversation.scope === 'channel' && {
      conversation: {
        id: `${conversation.id};messageid=${messageId}`,
        tenantId: conversation.tenantId,
        conversationType: 'channel',
        isGroup: true,
      },
    }),
    value: { action: { type: 'Action.Execute', title: verb, verb, data }, trigger: 'manual' },
  };
};

/** A button that opens a dialog, or one inside it. */
export const taskInvoke = (
  given: ActivityFrame,
  name: 'task/fetch' | 'task/submit',
  data: ActivityJson,
): ActivityJson => ({
  ...frame(given),
  type: 'invoke',
  name,
  value: { data, context: { theme: 'default' } },
});

export const textMessage = (given: ActivityFrame, text: string): ActivityJson => ({
  ...frame(given),
  type: 'message',
  text,
});

export const installation = (given: ActivityFrame, action: 'add' | 'remove'): ActivityJson => ({
  ...frame(given),
  type: 'installationUpdate',
  action,
});

export const membersAdded = (given: ActivityFrame): ActivityJson => ({
  ...frame(given),
  type: 'conversationUpdate',
  membersAdded: [{ id: `28:${given.appId}` }],
});

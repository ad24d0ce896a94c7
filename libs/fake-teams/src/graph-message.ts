import { createHash } from 'node:crypto';
import { cardOf } from './card-rules.ts';
import type { FakeConversation, PostedMessage, Sender } from './conversations.ts';

const applicationOf = (id: string): object => ({
  id,
  displayName: 'A bot',
  applicationIdentityType: 'bot',
});

const identityOf = (sender: Sender, appId: string): object => {
  if (sender.kind !== 'person')
    return {
      application: applicationOf(sender.kind === 'app' ? sender.appId : appId),
      device: null,
      user: null,
    };
  const { person, through } = sender;
  return {
    application: through === undefined ? null : applicationOf(through),
    device: null,
    user: { id: person.aadObjectId, displayName: person.name, userIdentityType: 'aadUser' },
  };
};

/** A message as Graph tells it (`chatMessage`): cards are JSON in a string, laid out as Graph likes. */
export const chatMessageOf = (
  { id, activity, sender, replyToId, createdMs, isDeleted }: PostedMessage,
  { id: conversationId, scope, team }: FakeConversation,
  appId: string,
): object => {
  const created = new Date(createdMs).toISOString();
  const card = cardOf(activity);
  const attachmentId = createHash('sha256').update(id).digest('hex').slice(0, 32);
  const text = typeof activity['text'] === 'string' ? activity['text'] : '';
  return {
    id,
    replyToId: replyToId ?? null,
    etag: id,
    messageType: 'message',
    createdDateTime: created,
    lastModifiedDateTime: created,
    deletedDateTime: isDeleted ? created : null,
    subject: null,
    summary: null,
    chatId: scope === 'channel' ? null : conversationId,
    channelIdentity: scope === 'channel' ? { teamId: team?.groupId, channelId: conversationId } : null,
    from: identityOf(sender, appId),
    body: {
      contentType: 'html',
      content: card === undefined ? text : `<attachment id="${attachmentId}"></attachment>`,
    },
    attachments:
      card === undefined
        ? []
        : [
            {
              id: attachmentId,
              contentType: 'application/vnd.microsoft.card.adaptive',
              contentUrl: null,
              content: JSON.stringify(card, undefined, 2).replaceAll('\n', '\r\n'),
              name: null,
              thumbnailUrl: null,
            },
          ],
    mentions: [],
    reactions: [],
  };
};

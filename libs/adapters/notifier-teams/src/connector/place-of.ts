import type { TeamsConversation } from '../teams-config.ts';
import type { ConnectorClient, ConversationPlace } from './connector-client.ts';

/** Where a configured conversation is; a personal chat is opened where it wasn't yet. */
export const placeOf = async (
  client: ConnectorClient,
  target: TeamsConversation,
  signal?: AbortSignal,
): Promise<ConversationPlace> => {
  const { serviceUrl } = target;
  if (target.scope !== 'personal') return { serviceUrl, conversation: target.conversation };
  return {
    serviceUrl,
    conversation: await client.personalChat(serviceUrl, target.tenant, target.user, signal),
  };
};

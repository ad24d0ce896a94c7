import type { ChannelIdentity } from '@countersign/domain-directory';
import type { TeamsConversation } from '../teams-config.ts';
import type { ConnectorClient, Member } from './connector-client.ts';
import { objectionToMember } from './conversation-privacy.ts';
import { placeOf } from './place-of.ts';

const NO_MEMBER = 'This account is in no conversation that Countersign serves.';

const isOf = ({ aadObjectId, objectId }: Member, user: string): boolean => (aadObjectId ?? objectId) === user;

/**
 * Asks Teams, in each conversation of the tenant that we serve, whether somebody is a member, and as what. Found
 * nowhere, or anywhere as a guest, is an objection; a conversation that can't be asked leaves it open, unless
 * another one has the answer.
 */
export const objectToAccount = async (
  client: ConnectorClient,
  conversations: readonly TeamsConversation[],
  { tenant, user }: ChannelIdentity,
): Promise<string | undefined> => {
  const asked = conversations.filter(
    (one) => one.tenant === tenant && (one.scope !== 'personal' || one.user === user),
  );
  const answers = await Promise.allSettled(
    asked.map(async (one) => client.member(await placeOf(client, one), user)),
  );
  const found = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && answer.value !== undefined ? [answer.value] : [],
  );
  for (const member of found) {
    const objection = isOf(member, user) ? objectionToMember(member, tenant) : NO_MEMBER;
    if (objection !== undefined) return objection;
  }
  if (found.length > 0) return undefined;
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return NO_MEMBER;
};

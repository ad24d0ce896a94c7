import type { TeamsConversation } from '../teams-config.ts';
import type { ConnectorClient, ConversationPlace, Member } from './connector-client.ts';

/** A conversation with more people than these pages hold is no private one. */
const PAGES = 4;

/** Why a member may not speak for a person of this tenant; undefined where they may. What isn't said counts against. */
export const objectionToMember = (member: Member, tenant: string): string | undefined => {
  if (member.tenantId !== tenant) return 'This account belongs to another organisation.';
  if (member.userRole !== 'user') return 'Guests and anonymous accounts may not decide.';
  return undefined;
};

/**
 * Whether a whole card may stand there: a personal chat, a group chat or a private channel, with nobody in it but
 * members of the tenant. Asked of Teams each time, since who is in it changes.
 */
export const mayShowWhole = async (
  client: ConnectorClient,
  target: TeamsConversation,
  place: ConversationPlace,
  signal: AbortSignal,
): Promise<boolean> => {
  if (target.scope === 'channel' && (await client.channelType(place, target.team, signal)) !== 'private')
    return false;
  let continuationToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { members, continuationToken: next } = await client.members(place, continuationToken, signal);
    if (members.some((member) => objectionToMember(member, target.tenant) !== undefined)) return false;
    if (!next) return true;
    continuationToken = next;
  }
  return false;
};

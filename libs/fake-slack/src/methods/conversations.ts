import { SlackRefusal } from '../slack-refusal.ts';
import type { FakeChannel } from '../world.ts';
import { isTrue, type Method, type MethodCall } from './method.ts';

const typeOf = (channel: FakeChannel): 'im' | 'groups' | 'channels' => {
  if (channel.id.startsWith('D')) return 'im';
  return channel.isPrivate === true ? 'groups' : 'channels';
};

const scopeOf =
  (what: 'read' | 'history') =>
  ({ state, args }: MethodCall): string => {
    const channel = state.channels.get(String(args.channel));
    return `${channel === undefined ? 'channels' : typeOf(channel)}:${what}`;
  };

const info = ({ team, args, state }: MethodCall) => {
  const channel = state.channel(team, args.channel);
  const isIm = typeOf(channel) === 'im';
  const isExtShared = channel.isExtShared ?? false;
  const isOrgShared = channel.isOrgShared ?? false;
  return {
    channel: {
      id: channel.id,
      is_channel: !isIm,
      is_im: isIm,
      is_private: isIm || channel.isPrivate === true,
      is_archived: channel.isArchived ?? false,
      is_member: channel.members.includes(team.botUserId),
      is_ext_shared: isExtShared,
      is_org_shared: isOrgShared,
      is_shared: isExtShared || isOrgShared,
      is_pending_ext_shared: channel.isPendingExtShared ?? false,
      context_team_id: channel.team,
    },
  };
};

const secondsOf = (ts: unknown, otherwise: number): number => (ts === undefined ? otherwise : Number(ts));

/** The newest first, as Slack does. */
const history = ({ team, args, state }: MethodCall) => {
  const channel = state.channel(team, args.channel);
  if (!channel.members.includes(team.botUserId)) throw new SlackRefusal('not_in_channel');
  const oldest = secondsOf(args.oldest, 0);
  const latest = secondsOf(args.latest, Number.MAX_SAFE_INTEGER);
  const found = state.messages
    .filter(({ channel: of, ts }) => of === channel.id && Number(ts) > oldest && Number(ts) < latest)
    .toReversed();
  const from = args.cursor === undefined ? 0 : Number(args.cursor);
  const limit = Math.min(Number(args.limit ?? 100), 999);
  const hasMore = from + limit < found.length;
  return {
    messages: found.slice(from, from + limit).map(({ ts, text, blocks, botId, metadata }) => ({
      type: 'message',
      ts,
      text,
      blocks,
      bot_id: botId,
      ...(isTrue(args.include_all_metadata) && metadata !== undefined && { metadata }),
    })),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(from + limit) : '' },
  };
};

const members = ({ team, args, state }: MethodCall) => ({
  members: state.channel(team, args.channel).members,
  response_metadata: { next_cursor: '' },
});

export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  'conversations.info': { token: 'bot', scope: scopeOf('read'), run: info },
  'conversations.members': { token: 'bot', scope: scopeOf('read'), run: members },
  'conversations.history': { token: 'bot', scope: scopeOf('history'), run: history },
};

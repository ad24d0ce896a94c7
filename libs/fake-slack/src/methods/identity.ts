import { SlackRefusal } from '../slack-refusal.ts';
import type { FakeUser } from '../world.ts';
import type { Method, MethodCall } from './method.ts';

const NO_SCOPE = { scope: () => '' };

const test = ({ team }: MethodCall) => ({
  url: 'https://fake.slack.example/',
  team: team.id,
  team_id: team.id,
  user: 'countersign',
  user_id: team.botUserId,
  bot_id: team.botId,
  is_enterprise_install: false,
  ...(team.enterpriseId !== undefined && { enterprise_id: team.enterpriseId }),
});

const shown = ({ id, team, kind = 'normal', enterprise }: FakeUser) => ({
  id,
  team_id: team,
  name: id.toLowerCase(),
  deleted: kind === 'deleted',
  is_bot: kind === 'bot',
  is_workflow_bot: kind === 'workflow-bot',
  is_restricted: kind === 'restricted' || kind === 'ultra-restricted',
  is_ultra_restricted: kind === 'ultra-restricted',
  ...(kind === 'stranger' && { is_stranger: true }),
  ...(enterprise !== undefined && {
    enterprise_user: { id, enterprise_id: enterprise.id, teams: enterprise.teams },
  }),
});

/** Somebody of another workspace is known where a channel is shared with them, or in one organisation. */
const info = ({ team, args, state }: MethodCall) => {
  const user = state.user(args.user);
  const shares = [...state.channels.values()].some(
    (channel) => channel.team === team.id && channel.members.includes(user.id),
  );
  const isOfOrganisation = team.enterpriseId !== undefined && user.enterprise?.id === team.enterpriseId;
  if (user.team !== team.id && !shares && !isOfOrganisation) throw new SlackRefusal('user_not_found');
  return { user: shown(user) };
};

const openConnection = ({ team, socketUrl }: MethodCall) => ({ url: socketUrl(team) });

export const IDENTITY_METHODS: Readonly<Record<string, Method>> = {
  'auth.test': { token: 'bot', ...NO_SCOPE, run: test },
  'users.info': { token: 'bot', scope: () => 'users:read', run: info },
  'apps.connections.open': { token: 'app', ...NO_SCOPE, run: openConnection },
};

import type { ElementOf } from '../blocks/check-blocks.ts';
import { shownView } from '../methods/views.ts';
import type { SlackState } from '../slack-state.ts';
import type { FakeMessage, FakeTeam, FakeUser, FakeView } from '../world.ts';

export type ViewValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What every interaction says of who made it, and where. */
const common = (team: FakeTeam, user: FakeUser) => ({
  user: { id: user.id, username: user.id.toLowerCase(), name: user.id.toLowerCase(), team_id: user.team },
  api_app_id: 'A0FAKE',
  token: 'deprecated-verification-token',
  team: {
    id: team.id,
    domain: 'fake',
    ...(team.enterpriseId !== undefined && { enterprise_id: team.enterpriseId, enterprise_name: 'fake' }),
  },
  enterprise: team.enterpriseId === undefined ? null : { id: team.enterpriseId, name: 'fake' },
  is_enterprise_install: false,
});

const actionOf = ({ blockId, actionId, element }: ElementOf, nowMs: number) => ({
  action_id: actionId,
  block_id: blockId,
  type: element.type,
  text: element.text,
  ...(element.value !== undefined && { value: element.value }),
  ...(element.style !== undefined && { style: element.style }),
  action_ts: (nowMs / 1_000).toFixed(6),
});

export const messageActionPayload = (
  state: SlackState,
  team: FakeTeam,
  user: FakeUser,
  message: FakeMessage,
  element: ElementOf,
  responseUrl: string,
) => ({
  type: 'block_actions',
  ...common(team, user),
  container: {
    type: 'message',
    message_ts: message.ts,
    channel_id: message.channel,
    is_ephemeral: false,
  },
  trigger_id: state.triggers.make(team.id, user.id),
  channel: { id: message.channel, name: 'privategroup' },
  message: {
    type: 'message',
    subtype: 'bot_message',
    ts: message.ts,
    text: message.text,
    bot_id: message.botId,
    blocks: message.blocks,
  },
  state: { values: {} },
  response_url: responseUrl,
  actions: [actionOf(element, state.nowMs())],
});

export const viewActionPayload = (
  state: SlackState,
  team: FakeTeam,
  user: FakeUser,
  view: FakeView,
  element: ElementOf,
) => ({
  type: 'block_actions',
  ...common(team, user),
  container: { type: 'view', view_id: view.id },
  trigger_id: state.triggers.make(team.id, user.id, view.id),
  view: { ...shownView(view), state: { values: {} } },
  actions: [actionOf(element, state.nowMs())],
});

export const submissionPayload = (
  state: SlackState,
  team: FakeTeam,
  user: FakeUser,
  view: FakeView,
  values: ViewValues,
) => ({
  type: 'view_submission',
  ...common(team, user),
  trigger_id: state.triggers.make(team.id, user.id, view.id),
  view: { ...shownView(view), state: { values } },
  response_urls: [],
});

export const closedPayload = (team: FakeTeam, user: FakeUser, view: FakeView) => ({
  type: 'view_closed',
  ...common(team, user),
  view: { ...shownView(view), state: { values: {} } },
  is_cleared: false,
});

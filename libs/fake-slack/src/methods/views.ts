import { checkView } from '../blocks/check-blocks.ts';
import { SlackRefusal } from '../slack-refusal.ts';
import type { SlackState } from '../slack-state.ts';
import type { FakeView, ViewPayload } from '../world.ts';
import { withBlockIds } from './chat.ts';
import { structureOf, type Method, type MethodCall } from './method.ts';

const MOST_STACKED = 3;

const payloadOf = ({ args, state }: MethodCall): ViewPayload =>
  named(checkView(structureOf(args.view)), state);

export const named = (view: ViewPayload, state: SlackState): ViewPayload => ({
  ...view,
  blocks: withBlockIds(view.blocks, state),
});

/** As Slack shows a view to its app. */
export const shownView = ({ id, rootViewId, hash, team, payload }: FakeView) => ({
  id,
  root_view_id: rootViewId,
  team_id: team,
  hash,
  callback_id: '',
  private_metadata: '',
  clear_on_close: false,
  notify_on_close: false,
  external_id: '',
  ...payload,
});

const open = (call: MethodCall) => {
  const payload = payloadOf(call);
  const { user, team } = call.state.triggers.use(call.args.trigger_id);
  return { view: shownView(call.state.showView(team, user, payload)) };
};

const push = (call: MethodCall) => {
  const payload = payloadOf(call);
  const { user, team, viewId } = call.state.triggers.use(call.args.trigger_id);
  const below = viewId === undefined ? undefined : call.state.views.get(viewId);
  if (below === undefined) throw new SlackRefusal('not_found');
  const stacked = [...call.state.views.values()].filter(({ rootViewId }) => rootViewId === below.rootViewId);
  if (stacked.length >= MOST_STACKED) throw new SlackRefusal('push_limit_reached');
  return { view: shownView(call.state.showView(team, user, payload, below.rootViewId)) };
};

const update = (call: MethodCall) => {
  const { args, state, team } = call;
  const payload = payloadOf(call);
  const view = state.views.get(String(args.view_id));
  if (view === undefined || view.team !== team.id) throw new SlackRefusal('not_found');
  if (args.hash !== undefined && args.hash !== view.hash) throw new SlackRefusal('hash_conflict');
  return { view: shownView(state.changeView(view, payload)) };
};

const common = { token: 'bot', scope: () => '' } as const;

export const VIEW_METHODS: Readonly<Record<string, Method>> = {
  'views.open': { ...common, run: open },
  'views.push': { ...common, run: push },
  'views.update': { ...common, run: update },
};

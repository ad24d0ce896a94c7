import { checkView, elementsOf, type ElementOf } from '../blocks/check-blocks.ts';
import { named } from '../methods/views.ts';
import type { SlackState } from '../slack-state.ts';
import type { SocketMode } from '../socket-mode.ts';
import type { Block, FakeChannel, FakeMessage, FakeTeam, FakeUser, FakeView } from '../world.ts';
import type { AppReply } from './app-reply.ts';
import { deliver, type Interactivity } from './deliver.ts';
import { closedPayload, messageActionPayload, submissionPayload, viewActionPayload } from './payloads.ts';
import { signedCall, type SignedCall } from './signed-call.ts';
import { valuesOf, type Filled } from './view-values.ts';

export interface PeopleOptions {
  readonly state: SlackState;
  readonly socketMode: SocketMode;
  readonly responseUrl: (channel: string, user: string) => string;
  readonly interactivity: Interactivity | undefined;
  readonly ackWithinMs: number;
}

interface ViewAnswer {
  readonly response_action?: unknown;
  readonly view?: unknown;
}

/** What people do in Slack's client, and what Slack makes of it. */
export class People {
  readonly sent: SignedCall[] = [];
  readonly #with: PeopleOptions;
  #interactivity: Interactivity | undefined;

  constructor(options: PeopleOptions) {
    this.#with = options;
    this.#interactivity = options.interactivity;
  }

  interactTo(interactivity: Interactivity): void {
    this.#interactivity = interactivity;
  }

  async clickButton(message: FakeMessage, actionId: string, userId: string): Promise<AppReply> {
    const { state, responseUrl } = this.#with;
    const team = this.#team(message.team);
    const user = state.user(userId);
    if (!sees(user, state.channels.get(message.channel))) {
      throw new Error(`${userId} is not in ${message.channel}, and sees no message there.`);
    }
    const current = state.message(message.channel, message.ts);
    const element = elementIn(message.blocks, actionId);
    const url = responseUrl(message.channel, userId);
    return this.#deliver(team, messageActionPayload(state, team, user, current, element, url));
  }

  async clickInView(view: FakeView, actionId: string): Promise<AppReply> {
    const team = this.#team(view.team);
    const element = elementIn(view.payload.blocks, actionId);
    return this.#deliver(team, viewActionPayload(this.#with.state, team, this.#user(view), view, element));
  }

  async submitView(view: FakeView, filled: Filled): Promise<AppReply> {
    const { state } = this.#with;
    const team = this.#team(view.team);
    if (!state.views.has(view.id)) throw new Error('That view is closed.');
    if (view.payload.submit === undefined) throw new Error('That view has nothing to submit with.');
    const values = valuesOf(view, filled);
    const reply = await this.#deliver(team, submissionPayload(state, team, this.#user(view), view, values));
    if (reply.status === 200) this.#answered(view, reply.body);
    return reply;
  }

  /** The app hears of it where it asked to. */
  async closeView(view: FakeView): Promise<AppReply | undefined> {
    this.#with.state.views.delete(view.id);
    if (view.payload.notify_on_close !== true) return undefined;
    const team = this.#team(view.team);
    return this.#deliver(team, closedPayload(team, this.#user(view), view));
  }

  /** Without a word the view closes; an error or an unknown word leaves it as it is. */
  #answered(view: FakeView, body: string): void {
    const { state } = this.#with;
    const answer = (body === '' ? {} : JSON.parse(body)) as ViewAnswer;
    switch (answer.response_action) {
      case undefined:
        state.views.delete(view.id);
        return;
      case 'clear':
        for (const { id, rootViewId } of state.views.values()) {
          if (rootViewId === view.rootViewId) state.views.delete(id);
        }
        return;
      case 'update':
        state.changeView(view, named(checkView(answer.view), state));
        return;
      case 'push':
        state.showView(view.team, view.user, named(checkView(answer.view), state), view.rootViewId);
        return;
      default:
    }
  }

  async #deliver(team: FakeTeam, payload: object): Promise<AppReply> {
    const { state, socketMode, ackWithinMs: withinMs } = this.#with;
    const call = signedCall(payload, team.signingSecret, state.nowMs());
    this.sent.push(call);
    return deliver(team, payload, call, { to: this.#interactivity, socketMode, withinMs });
  }

  #team(id: string): FakeTeam {
    const team = this.#with.state.teams.find((other) => other.id === id);
    if (team === undefined) throw new Error(`There is no workspace "${id}".`);
    return team;
  }

  #user({ user }: FakeView): FakeUser {
    return this.#with.state.user(user);
  }
}

/** Whoever is of the workspace looks into its open channels without being in them. */
const sees = (user: FakeUser, channel: FakeChannel | undefined): boolean => {
  if (channel === undefined) return false;
  const isOpen = channel.isPrivate !== true && !channel.id.startsWith('D');
  return channel.members.includes(user.id) || (isOpen && user.team === channel.team);
};

const elementIn = (blocks: readonly Block[], actionId: string): ElementOf => {
  const found = blocks.flatMap(elementsOf).find((element) => element.actionId === actionId);
  if (found === undefined) throw new Error(`Nothing to press is called "${actionId}" there.`);
  return found;
};

import type { SlackClock } from './slack-clock.ts';
import { SlackRefusal } from './slack-refusal.ts';
import { TriggerBox } from './trigger-box.ts';
import type {
  FakeChannel,
  FakeEphemeral,
  FakeMessage,
  FakeTeam,
  FakeUser,
  FakeView,
  ViewPayload,
} from './world.ts';

export interface SlackWorld {
  readonly teams: readonly FakeTeam[];
  readonly users: readonly FakeUser[];
  readonly channels: readonly FakeChannel[];
}

/** What Slack holds. Nothing of it outlives the process. */
export class SlackState {
  readonly teams: readonly FakeTeam[];
  readonly users: Map<string, FakeUser>;
  readonly channels: Map<string, FakeChannel>;
  readonly messages: FakeMessage[] = [];
  readonly ephemerals: FakeEphemeral[] = [];
  readonly views = new Map<string, FakeView>();
  readonly triggers: TriggerBox;
  readonly #clock: SlackClock;
  #serial = 0;

  constructor(world: SlackWorld, clock: SlackClock) {
    this.teams = world.teams;
    this.users = new Map(world.users.map((user) => [user.id, user]));
    this.channels = new Map(world.channels.map((channel) => [channel.id, channel]));
    this.#clock = clock;
    this.triggers = new TriggerBox(clock, (prefix) => this.nextId(prefix));
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  nextId(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${this.#serial.toString(36).toUpperCase().padStart(8, '0')}`;
  }

  /** Seconds and microseconds; of two messages never the same. */
  nextTs(): string {
    this.#serial += 1;
    return `${Math.floor(this.nowMs() / 1_000)}.${String(this.#serial).padStart(6, '0')}`;
  }

  /** A channel that the app of this workspace can see; `channel_not_found` for any other. */
  channel(team: FakeTeam, id: unknown): FakeChannel {
    const channel = this.channels.get(String(id));
    const isSeen =
      channel !== undefined &&
      channel.team === team.id &&
      (channel.isPrivate !== true || channel.members.includes(team.botUserId));
    if (!isSeen) throw new SlackRefusal('channel_not_found');
    return channel;
  }

  /** The direct messages of the app with a person of its workspace, opened where there were none. */
  directMessages(team: FakeTeam, user: string): FakeChannel {
    const { team: home, kind } = this.user(user);
    if (home !== team.id || kind === 'deleted') throw new SlackRefusal('channel_not_found');
    const isWithThem = ({ id, members }: FakeChannel): boolean =>
      id.startsWith('D') && members.includes(user) && members.includes(team.botUserId);
    const found = [...this.channels.values()].find(isWithThem);
    if (found !== undefined) return found;
    const opened = { id: this.nextId('D'), team: team.id, members: [team.botUserId, user] };
    this.channels.set(opened.id, opened);
    return opened;
  }

  message(channel: string, ts: unknown): FakeMessage {
    const message = this.messages.find((other) => other.channel === channel && other.ts === ts);
    if (message === undefined) throw new SlackRefusal('message_not_found');
    return message;
  }

  replaceMessage(message: FakeMessage, changed: FakeMessage): void {
    this.messages[this.messages.indexOf(message)] = changed;
  }

  user(id: unknown): FakeUser {
    const user = this.users.get(String(id));
    if (user === undefined) throw new SlackRefusal('user_not_found');
    return user;
  }

  /** Shows a view to somebody, on top of another one where `root` names it. */
  showView(team: string, user: string, payload: ViewPayload, root?: string): FakeView {
    const id = this.nextId('V');
    const view = { id, rootViewId: root ?? id, hash: this.nextHash(), team, user, payload };
    this.views.set(id, view);
    return view;
  }

  changeView(view: FakeView, payload: ViewPayload): FakeView {
    const changed = { ...view, payload, hash: this.nextHash() };
    this.views.set(view.id, changed);
    return changed;
  }

  nextHash(): string {
    return `${Math.floor(this.nowMs() / 1_000)}.${this.nextId('')}`;
  }
}

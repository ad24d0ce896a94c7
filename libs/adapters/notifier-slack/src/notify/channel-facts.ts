import { NotifierError } from '@countersign/notifier';
import type { Workspace } from '../api/workspace.ts';
import { readErrorOf } from '../api/notifier-error-of.ts';

interface Clock {
  nowMs(): number;
}

/** Soon enough for a channel that is opened to others. */
const KNOWN_FOR_MS = 30_000;

interface Fact<Value> {
  readonly value: Promise<Value>;
  readonly untilMs: number;
}

/** What Slack says of its channels and of us, asked for again after a while, or after it couldn't be told. */
export class SlackFacts {
  readonly #clock: Clock;
  readonly #isPrivate = new Map<string, Fact<boolean>>();
  readonly #botIds = new Map<string, Fact<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether only its members, all of this workspace, read what stands in a channel. */
  isPrivate(workspace: Workspace, channel: string): Promise<boolean> {
    return this.#known(this.#isPrivate, `${workspace.teamId}/${channel}`, () =>
      askPrivate(workspace, channel),
    );
  }

  /** The name that our messages bear: `B…`. */
  botId(workspace: Workspace): Promise<string> {
    return this.#known(this.#botIds, workspace.teamId, () => askBotId(workspace));
  }

  #known<Value>(facts: Map<string, Fact<Value>>, name: string, ask: () => Promise<Value>): Promise<Value> {
    const now = this.#clock.nowMs();
    const known = facts.get(name);
    if (known !== undefined && now < known.untilMs) return known.value;
    const value = ask();
    facts.set(name, { value, untilMs: now + KNOWN_FOR_MS });
    value.catch(() => facts.delete(name));
    return value;
  }
}

const askPrivate = async ({ web }: Workspace, channel: string): Promise<boolean> => {
  try {
    const { channel: found } = await web.conversations.info({ channel });
    if (found === undefined) return false;
    const isClosed = found.is_private === true || found.is_im === true;
    const isShared =
      found.is_shared === true || found.is_ext_shared === true || found.is_pending_ext_shared === true;
    return isClosed && !isShared;
  } catch (error) {
    throw readErrorOf(error, 'conversations.info');
  }
};

const askBotId = async ({ web, teamId }: Workspace): Promise<string> => {
  try {
    const { team_id: team, bot_id: bot } = await web.auth.test();
    if (team === teamId && bot !== undefined) return bot;
  } catch (error) {
    throw readErrorOf(error, 'auth.test');
  }
  throw new NotifierError('channel_refused', `The bot token of ${teamId} belongs to another workspace.`);
};

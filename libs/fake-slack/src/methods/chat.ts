import { z } from 'zod';
import { checkBlocks } from '../blocks/check-blocks.ts';
import { SlackRefusal } from '../slack-refusal.ts';
import type { SlackState } from '../slack-state.ts';
import type { Block, FakeChannel, FakeMessage, FakeMetadata, FakeTeam } from '../world.ts';
import { structureOf, textOf, type Method, type MethodCall } from './method.ts';

const MOST_TEXT = 40_000;

const metadataSchema = z.strictObject({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(z.string(), z.unknown()),
});

const metadataOf = (given: unknown): { readonly metadata?: FakeMetadata } => {
  if (given === undefined) return {};
  const parsed = metadataSchema.safeParse(structureOf(given));
  if (!parsed.success) throw new SlackRefusal('invalid_metadata_format');
  return { metadata: parsed.data };
};

interface Content {
  readonly text: string;
  readonly blocks: readonly Block[];
}

const contentOf = ({ args, state }: MethodCall): Content => {
  const text = textOf(args.text);
  if (text.length > MOST_TEXT) throw new SlackRefusal('msg_too_long');
  const blocks = args.blocks === undefined ? [] : checkBlocks(structureOf(args.blocks));
  if (text === '' && blocks.length === 0) throw new SlackRefusal('no_text');
  if (blocks.some(({ type }) => type === 'input')) {
    throw SlackRefusal.because('invalid_blocks', ['input blocks are for views [json-pointer:/blocks]']);
  }
  return { text, blocks: withBlockIds(blocks, state) };
};

/** Slack names the blocks that come without a name. */
export const withBlockIds = (blocks: readonly Block[], state: SlackState): readonly Block[] =>
  blocks.map((block) => ({ ...block, block_id: block.block_id ?? state.nextId('blk') }));

const writable = (state: SlackState, team: FakeTeam, id: unknown): FakeChannel => {
  const channel = state.channel(team, id);
  if (!channel.members.includes(team.botUserId)) throw new SlackRefusal('not_in_channel');
  if (channel.isArchived === true) throw new SlackRefusal('is_archived');
  return channel;
};

/** A person's id in place of a channel's names the direct messages with them, which `chat:write` alone opens. */
const writableOrDirect = (state: SlackState, team: FakeTeam, id: unknown): FakeChannel =>
  writable(state, team, state.users.has(String(id)) ? state.directMessages(team, String(id)).id : id);

const shown = ({ ts, channel, text, blocks, botId, team, threadTs }: FakeMessage) => ({
  channel,
  ts,
  message: {
    type: 'message',
    subtype: 'bot_message',
    ts,
    text,
    blocks,
    bot_id: botId,
    team,
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  },
});

/** A reply to a message that isn't there any more becomes a message of its own, without a word. */
const threadOf = (state: SlackState, channel: FakeChannel, ts: unknown): Pick<FakeMessage, 'threadTs'> => {
  const parent = state.messages.find((other) => other.channel === channel.id && other.ts === ts);
  return parent === undefined ? {} : { threadTs: parent.threadTs ?? parent.ts };
};

const postMessage = (call: MethodCall) => {
  const { team, args, state, limits } = call;
  const channel = writableOrDirect(state, team, args.channel);
  const content = contentOf(call);
  const metadata = metadataOf(args.metadata);
  limits.take(channel.id);
  const message: FakeMessage = {
    channel: channel.id,
    ts: state.nextTs(),
    team: team.id,
    botId: team.botId,
    ...content,
    ...metadata,
    ...threadOf(state, channel, args.thread_ts),
    edits: 0,
  };
  state.messages.push(message);
  return shown(message);
};

const update = (call: MethodCall) => {
  const { team, args, state } = call;
  const channel = writable(state, team, args.channel);
  const message = state.message(channel.id, args.ts);
  if (message.botId !== team.botId) throw new SlackRefusal('cant_update_message');
  const changed = { ...message, ...contentOf(call), ...metadataOf(args.metadata), edits: message.edits + 1 };
  state.replaceMessage(message, changed);
  return shown(changed);
};

const postEphemeral = (call: MethodCall) => {
  const { team, args, state } = call;
  const channel = writable(state, team, args.channel);
  const user = String(args.user);
  if (!channel.members.includes(user)) throw new SlackRefusal('user_not_in_channel');
  state.ephemerals.push({ channel: channel.id, user, ...contentOf(call) });
  return { message_ts: state.nextTs() };
};

const writes = { token: 'bot', scope: () => 'chat:write' } as const;

export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': { ...writes, run: postMessage },
  'chat.update': { ...writes, run: update },
  'chat.postEphemeral': { ...writes, run: postEphemeral },
};

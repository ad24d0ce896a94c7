import type { PostedMark } from '../card/posted-mark.ts';
import type { TeamsConversation } from '../teams-config.ts';
import { createdMsOf, ownCardOf } from './chat-message.ts';
import type { GraphClient } from './graph-client.ts';

/** Longer than a doubtful post is tried again. */
const LOOK_BACK_MS = 60 * 60_000;
const MOST_PAGES = 5;
const PAGE = 50;

/** Undefined for what Graph can't be asked about: the chat of one person with a bot, a team without its group. */
export const messagesPath = (target: TeamsConversation): string | undefined => {
  if (target.scope === 'groupChat')
    return `chats/${encodeURIComponent(target.conversation)}/messages?$top=${PAGE}&$orderby=createdDateTime%20desc`;
  if (target.scope !== 'channel' || target.group === undefined) return undefined;
  return `teams/${target.group}/channels/${encodeURIComponent(target.conversation)}/messages?$top=${PAGE}`;
};

export interface PostedBefore {
  readonly tenant: string;
  readonly path: string;
  readonly appId: string;
  readonly mark: PostedMark;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** The id of the newest message of ours with that mark; undefined where none is found. */
export const findPosted = async (
  graph: GraphClient,
  { tenant, path, appId, mark, nowMs, signal }: PostedBefore,
): Promise<string | undefined> => {
  const isRecent = (item: unknown): boolean => (createdMsOf(item) ?? 0) > nowMs - LOOK_BACK_MS;
  let next: string | undefined = path;
  for (let page = 0; page < MOST_PAGES && next !== undefined; page += 1) {
    const read = await graph.page(tenant, next, signal);
    // A channel lists by what it calls its newest, which an answer to an old message may change: all are looked at.
    const recent = read.items.filter(isRecent);
    for (const item of recent) {
      const own = ownCardOf(item, appId);
      if (own?.mark === mark) return own.messageId;
    }
    if (recent.length === 0) return undefined;
    ({ next } = read);
  }
  return undefined;
};

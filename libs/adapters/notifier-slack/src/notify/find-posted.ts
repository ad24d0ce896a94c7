import type { Workspace } from '../api/workspace.ts';
import { readErrorOf } from '../api/notifier-error-of.ts';
import type { Mark } from './marks.ts';

/** Longer than a doubtful post is tried again. */
export const LOOK_BACK_MS = 60 * 60_000;
const PAGE = 200;
const MOST_PAGES = 5;

export interface PostedBefore {
  readonly workspace: Workspace;
  readonly channel: string;
  /** What it was posted by: others may mark their messages like ours. */
  readonly botId: string;
  readonly mark: Mark;
  /** Older ones aren't looked for. */
  readonly sinceMs: number;
}

/** The `ts` of the newest message of ours with that mark; undefined where none is found. */
export const findPosted = async (wanted: PostedBefore): Promise<string | undefined> => {
  const oldest = (wanted.sinceMs / 1_000).toFixed(6);
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { messages = [], response_metadata: next } = await pageOf(wanted, oldest, cursor);
    const found = messages.find((message) => isMarked(message, wanted));
    if (found?.ts !== undefined) return found.ts;
    cursor = next?.next_cursor;
    if (cursor === undefined || cursor === '') return undefined;
  }
  return undefined;
};

const pageOf = async ({ workspace, channel }: PostedBefore, oldest: string, cursor: string | undefined) => {
  try {
    return await workspace.web.conversations.history({
      channel,
      oldest,
      limit: PAGE,
      include_all_metadata: true,
      ...(cursor !== undefined && { cursor }),
    });
  } catch (error) {
    throw readErrorOf(error, 'conversations.history');
  }
};

interface Marked {
  readonly bot_id?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: object };
}

const isMarked = ({ bot_id, metadata }: Marked, { botId, mark }: PostedBefore): boolean => {
  if (bot_id !== botId || metadata?.event_type !== mark.event_type) return false;
  const payload: Readonly<Record<string, unknown>> = { ...metadata.event_payload };
  return payload[mark.name] === mark.event_payload[mark.name];
};

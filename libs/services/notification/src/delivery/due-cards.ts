import type { ViewStatements } from '@countersign/follower';
import type { CallPurpose } from '@countersign/notifier';
import { toEpochMs, toTimestamp, type Timestamp } from '@countersign/kernel';
import { REMINDABLE, STALE } from './cards-projection.ts';

/** Cards of one channel that one look takes up, beyond what there is room for: some turn out to need nothing. */
const SPARE = 64;
const MOST_AT_A_LOOK = 500;
/** More posts of little risk than this wait for one channel: they are gathered. */
export const GATHERED_ABOVE = 5;

const DUE = `channel = ? AND ${STALE} AND (not_before <= ? OR failed < wanted)`;
/** Nobody called it risky, and nothing of it can stand anywhere. */
const GATHERABLE = 'priority = 0 AND shown = 0 AND claimed = 0 AND doubtful = 0 AND alone = 0';

/** The index is named because the planner can't know how few of all cards are behind. */
const DUE_POSTS = `
  SELECT request_id, ${GATHERABLE} AS gatherable FROM card INDEXED BY card_stale
  WHERE ${DUE} AND shown = 0 ORDER BY priority DESC, since LIMIT ?
`;
const DUE_UPDATES = `
  SELECT request_id FROM card INDEXED BY card_stale
  WHERE ${DUE} AND shown > 0 ORDER BY priority DESC, since LIMIT ?
`;
const GATHERABLE_CARDS = `
  SELECT request_id FROM card INDEXED BY card_stale WHERE ${DUE} AND ${GATHERABLE}
  ORDER BY priority DESC, since LIMIT ?
`;
const ANOTHER = `SELECT 1 FROM card INDEXED BY card_stale WHERE ${DUE} AND request_id <> ? LIMIT 1`;
const REMINDERS = `
  SELECT request_id FROM card INDEXED BY card_reminder
  WHERE channel = ? AND ${REMINDABLE} AND remind_at <= ? AND expires_at > ? ORDER BY remind_at LIMIT ?
`;
const WAITING = `
  SELECT count(*) AS waiting, min(since) AS oldest FROM card INDEXED BY card_stale
  WHERE (channel = ? OR substr(channel, 1, ?) = ?) AND ${STALE} AND shown = 0 AND asks = 1
`;

/** What is to be done on a channel: one request's card there, or some of those that can be gathered. */
export type DueItem = string;

/** No id and no channel holds a blank. */
const GATHER = '*';
export const itemOf = (requestId: string, channel: string, purpose: CallPurpose): DueItem =>
  `${requestId} ${channel} ${purpose}`;

export type ParsedItem =
  /** Of a doorbell: all channels. */
  | { readonly kind: 'request'; readonly requestId: string }
  | {
      readonly kind: 'card';
      readonly requestId: string;
      readonly channel: string;
      readonly purpose: CallPurpose;
    }
  | { readonly kind: 'gather'; readonly channel: string };

const PURPOSES: readonly CallPurpose[] = ['post', 'update', 'remind'];

export const parseItem = (item: DueItem): ParsedItem => {
  const [requestId = '', channel, word] = item.split(' ');
  const purpose = PURPOSES.find((one) => one === word);
  if (channel === undefined || purpose === undefined) return { kind: 'request', requestId };
  return requestId === GATHER ? { kind: 'gather', channel } : { kind: 'card', requestId, channel, purpose };
};

/** What is known of a channel besides its cards. */
export interface DestinationFacts {
  /** Calls that it takes now. */
  readonly room: (purpose: CallPurpose) => number;
  readonly gathers: boolean;
  readonly reminds: boolean;
}

/** Questions to the projected rows; hints, all of them. */
export class DueCards {
  readonly #view: ViewStatements;
  /** Where in the backlog of a channel without a limit this replica begins, 0 to 1. */
  readonly #place: number;

  constructor(view: ViewStatements, place: number) {
    this.#view = view;
    this.#place = place;
  }

  /**
   * What is due on channels that have room, in turns, so that no channel holds up another; on each the riskiest first,
   * and of these the longest waiting.
   */
  items(nowMs: number, factsOf: (channel: string) => DestinationFacts): readonly DueItem[] {
    const now = toTimestamp(nowMs);
    const channels = this.#view.all('SELECT name FROM channel ORDER BY name').map(({ name }) => String(name));
    return inTurns(channels.map((channel) => this.#onChannel(channel, now, factsOf(channel))));
  }

  /** Fit to be gathered on this channel, the longest waiting first. */
  gatherable(channel: string, nowMs: number, limit: number): readonly string[] {
    return this.#view.all(GATHERABLE_CARDS, channel, toTimestamp(nowMs), limit).map(requestIdOf);
  }

  /** Whether other cards wait for this channel, too: then they take turns by the look. */
  hasOthers(channel: string, requestId: string, nowMs: number): boolean {
    return this.#view.get(ANOTHER, channel, toTimestamp(nowMs), requestId) !== undefined;
  }

  /** Cards that ask and that nobody sees, of all channels of a kind, and how long the oldest has waited. */
  waiting(kind: string, nowMs: number): { readonly cards: number; readonly oldestS: number } {
    const prefix = `${kind}:`;
    const row = this.#view.get(WAITING, kind, prefix.length, prefix);
    const oldest = row?.['oldest'];
    const waitedMs = typeof oldest === 'string' ? nowMs - toEpochMs(oldest) : 0;
    return { cards: Number(row?.['waiting'] ?? 0), oldestS: Math.max(0, waitedMs / 1_000) };
  }

  #onChannel(channel: string, now: Timestamp, { room, gathers, reminds }: DestinationFacts): DueItem[] {
    const rows = (sql: string, purpose: CallPurpose, ...more: Timestamp[]) =>
      room(purpose) < 1 ? [] : this.#view.all(sql, channel, now, ...more, limitFor(room(purpose)));
    const due = rows(DUE_POSTS, 'post');
    const isGathered = gathers && due.filter(({ gatherable }) => gatherable === 1).length > GATHERED_ABOVE;
    const posts = due.map((row) =>
      itemOf(isGathered && row['gatherable'] === 1 ? GATHER : requestIdOf(row), channel, 'post'),
    );
    const updates = rows(DUE_UPDATES, 'update').map((row) => itemOf(requestIdOf(row), channel, 'update'));
    const reminders = reminds ? rows(REMINDERS, 'remind', now) : [];
    return [
      ...new Set([
        ...(room('post') === Number.POSITIVE_INFINITY ? this.#fromMyPlace(posts) : posts),
        ...updates,
        ...reminders.map((row) => itemOf(requestIdOf(row), channel, 'remind')),
      ]),
    ];
  }

  /** Replicas that all have the room begin at places of their own, and seldom meet. */
  #fromMyPlace(items: readonly DueItem[]): readonly DueItem[] {
    const place = Math.floor(this.#place * items.length);
    return [...items.slice(place), ...items.slice(0, place)];
  }
}

const limitFor = (room: number): number => Math.min(room + SPARE, MOST_AT_A_LOOK);

const requestIdOf = (row: Readonly<Record<string, unknown>>): string => String(row['request_id']);

const inTurns = (lists: readonly (readonly DueItem[])[]): readonly DueItem[] => {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, nth) =>
    lists.flatMap((list) => list.slice(nth, nth + 1)),
  ).flat();
};

import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { toTimestamp, type Json, type JsonObject, type Timestamp } from '@countersign/kernel';
import { claimEnd } from '@countersign/notifier';

/** A card that doesn't say what is true, and somebody may see it or should. */
const STALE = 'shown < wanted AND (shown > 0 OR asks = 1 OR claimed = 1 OR doubtful = 1)';

/** Whoever has claimed a card is left alone with every version of it. */
const EVERY_VERSION = Number.MAX_SAFE_INTEGER;

/** After every time there is. */
const NEVER: Timestamp = '9999';

/**
 * Which cards don't say what is true now, and from when on they may be tried. It says where to look and decides
 * nothing, so an event that isn't what it should be never stops it: whoever loads the streams finds out.
 *
 * - `wanted`: version of the card that should be shown. `reviewed`: version after the latest review event.
 * - `shown`: version that is. 0: none yet.
 * - `asks`: the request waits for a decision. `claimed`: an attempt has no end yet. `doubtful`: one that ended,
 *   or was given up, may have reached the channel.
 * - `not_before`: until then whoever claimed it is at it, or the channel is given a rest.
 * - `failed`: version that is held back until `not_before`; a later one isn't.
 */
export const CARDS_PROJECTION: Projection = {
  name: 'cards',
  version: 1,
  schema: `
    CREATE TABLE card (
      request_id TEXT NOT NULL, channel TEXT NOT NULL,
      wanted INTEGER NOT NULL, reviewed INTEGER NOT NULL, shown INTEGER NOT NULL,
      asks INTEGER NOT NULL, claimed INTEGER NOT NULL, doubtful INTEGER NOT NULL,
      not_before TEXT NOT NULL, failed INTEGER NOT NULL,
      PRIMARY KEY (request_id, channel)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX card_stale ON card (not_before, failed, wanted)
      WHERE ${STALE};
  `,
  categories: ['review', 'grant', 'delivery'],
  types: [
    'ReviewOpened',
    'DecisionRecorded',
    'ReviewEscalated',
    'ReviewApproved',
    'ReviewDenied',
    'ReviewExpired',
    'ReviewCancelled',
    'GrantRedeemed',
    'GrantRevoked',
    'GrantExpired',
    'ExecutionReported',
    'ExecutionUnreported',
    'NotificationAttempted',
    'NotificationPosted',
    'NotificationUpdated',
    'NotificationFailed',
  ],
  unknownTypes: 'ignore',
  apply: (view, event) => {
    const { category, id } = parseStreamName(event.stream);
    if (category === 'review') applyReview(view, id, event);
    else if (category === 'grant') applyGrant(view, id, event);
    else applyDelivery(view, id, event);
  },
};

/**
 * Requests whose cards are to be looked at, the longest overdue first. The index is named because grouping
 * tempts the planner to scan every card there ever was.
 */
export const dueCards = (view: ViewStatements, nowMs: number): readonly string[] =>
  view
    .all(
      `SELECT request_id AS id FROM card INDEXED BY card_stale WHERE ${STALE} AND (not_before <= ? OR failed < wanted)
       GROUP BY request_id ORDER BY min(not_before) LIMIT 500`,
      toTimestamp(nowMs),
    )
    .map(({ id }) => String(id));

const ENDS: ReadonlySet<string> = new Set([
  'ReviewApproved',
  'ReviewDenied',
  'ReviewExpired',
  'ReviewCancelled',
]);

/** A thread's version counts the request and every event of the review and the grant. */
const applyReview = (view: ViewStatements, id: string, { type, data, revision }: RecordedEvent): void => {
  const version = revision + 2;
  if (type === 'ReviewOpened') {
    for (const channel of stringsIn(data['channels'])) {
      view.run(
        `INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, 0, 1, 0, 0, '', 0)`,
        id,
        channel,
        version,
        version,
      );
    }
    return;
  }
  view.run('UPDATE card SET wanted = ?, reviewed = ? WHERE request_id = ?', version, version, id);
  if (ENDS.has(type)) view.run('UPDATE card SET asks = 0 WHERE request_id = ?', id);
};

const applyGrant = (view: ViewStatements, id: string, { revision }: RecordedEvent): void =>
  view.run('UPDATE card SET wanted = reviewed + ? WHERE request_id = ?', revision + 1, id);

const applyDelivery = (
  view: ViewStatements,
  id: string,
  { type, data, committedAt }: RecordedEvent,
): void => {
  const card = [id, textIn(data, 'channel')] as const;
  switch (type) {
    case 'NotificationAttempted':
      view.run(
        `UPDATE card SET doubtful = max(doubtful, claimed), claimed = 1, failed = ?, not_before = ?
         WHERE request_id = ? AND channel = ?`,
        EVERY_VERSION,
        claimEnd(committedAt),
        ...card,
      );
      break;
    case 'NotificationFailed':
      view.run(
        `UPDATE card SET doubtful = max(doubtful, ?), claimed = 0, failed = ?, not_before = ?
         WHERE request_id = ? AND channel = ?`,
        data['code'] === 'delivery_uncertain' ? 1 : 0,
        versionIn(data),
        data['retryAt'] === undefined ? NEVER : textIn(data, 'retryAt'),
        ...card,
      );
      break;
    default:
      view.run(
        `UPDATE card SET shown = ?, doubtful = 0, claimed = 0, failed = 0, not_before = ''
         WHERE request_id = ? AND channel = ?`,
        versionIn(data),
        ...card,
      );
  }
};

const textIn = (data: JsonObject, member: string): string => {
  const text = data[member];
  return typeof text === 'string' ? text : '';
};

const versionIn = ({ version }: JsonObject): number =>
  typeof version === 'number' && Number.isSafeInteger(version) ? version : 0;

const stringsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one: Json): one is string => typeof one === 'string') : [];

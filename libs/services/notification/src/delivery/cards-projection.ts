import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { plusMs, type Json, type JsonObject, type Timestamp } from '@countersign/kernel';
import { claimEnd } from '@countersign/notifier';

/** A card that doesn't say what is true, and somebody may see it or should. */
export const STALE = 'shown < wanted AND (shown > 0 OR asks = 1 OR claimed = 1 OR doubtful = 1)';

/** A card that may be said again. */
export const REMINDABLE = 'asks = 1 AND shown > 0';

/** Whoever has claimed a card is left alone with every version of it. */
const EVERY_VERSION = Number.MAX_SAFE_INTEGER;

/** After every time there is. */
const NEVER: Timestamp = '9999';

/** Of what somebody waits for already, between a post of medium risk and one that nobody called risky. */
const UPDATE_PRIORITY = 1;
const RISKS = ['low', 'medium', 'high', 'critical'];

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
 * - `priority`: what is risky is posted first. `since`: when people were first to be asked.
 * - `alone`: the channel has refused it together with others.
 * - `told_at`: of the post or the latest reminder. `remind_at`: when it is to be said again.
 *
 * `failover`: channels to turn to where another was given up. `channel`: every channel there ever was.
 */
export const CARDS_PROJECTION: Projection = {
  name: 'cards',
  version: 3,
  schema: `
    CREATE TABLE card (
      request_id TEXT NOT NULL, channel TEXT NOT NULL,
      wanted INTEGER NOT NULL, reviewed INTEGER NOT NULL, shown INTEGER NOT NULL,
      asks INTEGER NOT NULL, claimed INTEGER NOT NULL, doubtful INTEGER NOT NULL,
      not_before TEXT NOT NULL, failed INTEGER NOT NULL,
      priority INTEGER NOT NULL, since TEXT NOT NULL, alone INTEGER NOT NULL,
      remind_after_ms INTEGER NOT NULL, told_at TEXT NOT NULL, remind_at TEXT NOT NULL, expires_at TEXT NOT NULL,
      PRIMARY KEY (request_id, channel)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX card_stale ON card (channel, priority DESC, since) WHERE ${STALE};
    CREATE INDEX card_reminder ON card (channel, remind_at) WHERE ${REMINDABLE};
    CREATE TABLE failover (
      request_id TEXT NOT NULL, channel TEXT NOT NULL, next TEXT NOT NULL,
      PRIMARY KEY (request_id, channel, next)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE channel (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
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
    'NotificationReminded',
  ],
  unknownTypes: 'ignore',
  apply: (view, event) => {
    const { category, id } = parseStreamName(event.stream);
    if (category === 'review') applyReview(view, id, event);
    else if (category === 'grant') applyGrant(view, id, event);
    else applyDelivery(view, id, event);
  },
};

const ENDS: ReadonlySet<string> = new Set([
  'ReviewApproved',
  'ReviewDenied',
  'ReviewExpired',
  'ReviewCancelled',
]);

/** A thread's version counts the request and every event of the review and the grant. */
const applyReview = (view: ViewStatements, id: string, event: RecordedEvent): void => {
  const version = event.revision + 2;
  if (event.type === 'ReviewOpened') return open(view, id, version, event);
  view.run('UPDATE card SET wanted = ?, reviewed = ? WHERE request_id = ?', version, version, id);
  if (event.type === 'ReviewEscalated') {
    view.run(
      `UPDATE card SET remind_at = '' WHERE request_id = ? AND told_at < ? AND ${REMINDABLE}`,
      id,
      textIn(event.data, 'escalatedAt'),
    );
  }
  if (!ENDS.has(event.type)) return;
  view.run('UPDATE card SET asks = 0 WHERE request_id = ?', id);
  view.run('DELETE FROM failover WHERE request_id = ?', id);
};

const open = (
  view: ViewStatements,
  id: string,
  version: number,
  { data, committedAt }: RecordedEvent,
): void => {
  const priority = Math.max(0, RISKS.indexOf(textIn(data, 'risk')));
  const remindAfterMs = data['remindAfterMs'];
  const card = [
    version,
    version,
    priority,
    committedAt,
    typeof remindAfterMs === 'number' && Number.isSafeInteger(remindAfterMs) ? remindAfterMs : 0,
    '',
    NEVER,
    textIn(data, 'expiresAt'),
  ];
  for (const channel of stringsIn(data['channels'])) {
    view.run('INSERT OR IGNORE INTO channel VALUES (?)', channel);
    view.run(
      `INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, 0, 1, 0, 0, '', 0, ?, ?, 0, ?, ?, ?, ?)`,
      id,
      channel,
      ...card,
    );
  }
  const { failover } = data;
  for (const chain of Array.isArray(failover) ? failover.map((one: Json) => stringsIn(one)) : []) {
    for (const [nth, next] of chain.slice(1).entries()) {
      view.run('INSERT OR IGNORE INTO channel VALUES (?)', next);
      view.run('INSERT OR IGNORE INTO failover VALUES (?, ?, ?)', id, chain[nth] ?? '', next);
    }
  }
};

const applyGrant = (view: ViewStatements, id: string, { revision }: RecordedEvent): void =>
  view.run('UPDATE card SET wanted = reviewed + ? WHERE request_id = ?', revision + 1, id);

const applyDelivery = (view: ViewStatements, id: string, event: RecordedEvent): void => {
  const { type, data, committedAt } = event;
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
      applyFailure(view, event, card);
      break;
    case 'NotificationReminded':
      remindNext(view, textIn(data, 'remindedAt'), card);
      break;
    default:
      view.run(
        `UPDATE card SET shown = ?, doubtful = 0, claimed = 0, failed = 0, not_before = '', priority = ?
         WHERE request_id = ? AND channel = ?`,
        versionIn(data),
        UPDATE_PRIORITY,
        ...card,
      );
      if (type === 'NotificationPosted') remindNext(view, textIn(data, 'postedAt'), card);
  }
};

type CardKey = readonly [requestId: string, channel: string];

const applyFailure = (view: ViewStatements, { data }: RecordedEvent, card: CardKey): void => {
  const isGivenUp = data['retryAt'] === undefined;
  view.run(
    `UPDATE card SET doubtful = max(doubtful, ?), claimed = 0, failed = ?, not_before = ?, alone = ?
     WHERE request_id = ? AND channel = ?`,
    data['code'] === 'delivery_uncertain' ? 1 : 0,
    versionIn(data),
    isGivenUp ? NEVER : textIn(data, 'retryAt'),
    data['code'] === 'channel_refused' ? 1 : 0,
    ...card,
  );
  if (!isGivenUp) return;
  view.run(
    `INSERT OR IGNORE INTO card
     SELECT request_id, failover.next, wanted, reviewed, 0, asks, 0, 0, '', 0, priority, since, 0,
            remind_after_ms, '', '${NEVER}', expires_at
     FROM card JOIN failover USING (request_id, channel)
     WHERE request_id = ? AND channel = ? AND (shown = 0 OR asks = 1)`,
    ...card,
  );
};

const remindNext = (view: ViewStatements, last: string, card: CardKey): void => {
  const row = view.get(
    'SELECT remind_after_ms AS ms FROM card WHERE request_id = ? AND channel = ?',
    ...card,
  );
  const afterMs = Number(row?.['ms'] ?? 0);
  const at = afterMs === 0 || Number.isNaN(Date.parse(last)) ? NEVER : plusMs(last, afterMs);
  view.run(
    'UPDATE card SET told_at = ?, remind_at = ? WHERE request_id = ? AND channel = ?',
    last,
    at,
    ...card,
  );
};

const textIn = (data: JsonObject, member: string): string => {
  const text = data[member];
  return typeof text === 'string' ? text : '';
};

const versionIn = ({ version }: JsonObject): number =>
  typeof version === 'number' && Number.isSafeInteger(version) ? version : 0;

const stringsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one: Json): one is string => typeof one === 'string') : [];

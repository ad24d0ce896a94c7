import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import { REPORT_DEADLINE_MS } from '@countersign/domain-grant';
import type { Projection, ViewStatements } from '@countersign/follower';
import { plusMs, type JsonObject, type Timestamp } from '@countersign/kernel';

/**
 * When each grant has to be looked at: at its expiry, then a day after its redemption. It says where to look
 * and decides nothing, so an event that isn't what it should be never stops it: it makes its request due at
 * once, and whoever then loads the streams finds out and raises the alarm.
 */
export const GRANTS_PROJECTION: Projection = {
  name: 'grants',
  version: 1,
  schema: `
    CREATE TABLE deadlines (request_id TEXT PRIMARY KEY, due_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX deadlines_by_time ON deadlines (due_at);
  `,
  categories: ['review', 'grant'],
  types: [
    'ReviewApproved',
    'GrantOpened',
    'GrantRedeemed',
    'GrantRevoked',
    'GrantExpired',
    'ExecutionReported',
    'ExecutionUnreported',
  ],
  unknownTypes: 'ignore',
  apply: (view, event) => applyEvent(view, parseStreamName(event.stream).id, event),
};

const applyEvent = (view: ViewStatements, requestId: string, { type, data }: RecordedEvent): void => {
  switch (type) {
    case 'ReviewApproved':
      lookAt(view, requestId, timeIn(data, 'grantExpiresAt'));
      break;
    case 'GrantOpened':
      lookAt(view, requestId, timeIn(data, 'expiresAt'));
      break;
    case 'GrantRedeemed':
      lookAt(view, requestId, reportDeadline(timeIn(data, 'redeemedAt')));
      break;
    default:
      view.run('DELETE FROM deadlines WHERE request_id = ?', requestId);
  }
};

const lookAt = (view: ViewStatements, requestId: string, dueAt: Timestamp): void =>
  view.run('INSERT OR REPLACE INTO deadlines VALUES (?, ?)', requestId, dueAt);

/** Before every time there is: due at once. */
const LONG_AGO: Timestamp = '';

const timeIn = (data: JsonObject, member: string): Timestamp => {
  const time = data[member];
  return typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : LONG_AGO;
};

const reportDeadline = (redeemedAt: Timestamp): Timestamp =>
  redeemedAt === LONG_AGO ? LONG_AGO : plusMs(redeemedAt, REPORT_DEADLINE_MS);

/**
 * Items that one look takes up. Far more than a backlog should ever be, so that items which fail and wait
 * can't hide those that come after them.
 */
const MAX_DUE = 10_000;

const DUE = `SELECT request_id FROM deadlines WHERE due_at <= ? ORDER BY due_at, request_id LIMIT ${MAX_DUE}`;

/** Requests whose grant should have been looked at by now, the longest due first. */
export const dueGrants = (view: ViewStatements, now: Timestamp): readonly string[] =>
  view.all(DUE, now).map((row) => String(row['request_id']));

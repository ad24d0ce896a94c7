import type { Projection, ViewStatements } from '@countersign/follower';
import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import { isJsonObject, type Json, type JsonObject, type Timestamp } from '@countersign/kernel';

/**
 * What waits for the policy service: requests without an evaluation, and open reviews with their times.
 * It says where to look and decides nothing, so an event that isn't what it should be never stops it: it
 * makes its request due at once, and whoever then loads the streams finds out and raises the alarm.
 */
export const REVIEWS_PROJECTION: Projection = {
  name: 'reviews',
  version: 1,
  schema: `
    CREATE TABLE unevaluated (request_id TEXT PRIMARY KEY, requested_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX unevaluated_by_time ON unevaluated (requested_at);
    CREATE TABLE open_reviews (request_id TEXT PRIMARY KEY, expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX open_reviews_by_time ON open_reviews (expires_at);
    CREATE TABLE escalations (
      request_id TEXT NOT NULL, after TEXT NOT NULL, PRIMARY KEY (request_id, after)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX escalations_by_time ON escalations (after);
    CREATE TABLE deciding_groups (
      request_id TEXT NOT NULL, group_name TEXT NOT NULL, PRIMARY KEY (request_id, group_name)
    ) STRICT, WITHOUT ROWID;
  `,
  categories: ['request', 'review'],
  types: [
    'ActionRequested',
    'PolicyEvaluated',
    'ReviewOpened',
    'ReviewEscalated',
    'ReviewApproved',
    'ReviewDenied',
    'ReviewExpired',
    'ReviewCancelled',
  ],
  unknownTypes: 'ignore',
  apply: (view, event) => applyEvent(view, parseStreamName(event.stream).id, event),
};

const applyEvent = (view: ViewStatements, requestId: string, { type, data }: RecordedEvent): void => {
  switch (type) {
    case 'ActionRequested':
      view.run('INSERT OR REPLACE INTO unevaluated VALUES (?, ?)', requestId, timeIn(data, 'requestedAt'));
      break;
    case 'PolicyEvaluated':
      view.run('DELETE FROM unevaluated WHERE request_id = ?', requestId);
      break;
    case 'ReviewOpened':
      open(view, requestId, data);
      break;
    case 'ReviewEscalated':
      view.run(
        'DELETE FROM escalations WHERE request_id = ? AND after <= ?',
        requestId,
        timeIn(data, 'escalatedAt'),
      );
      break;
    default:
      close(view, requestId);
  }
};

const open = (view: ViewStatements, requestId: string, data: JsonObject): void => {
  view.run('INSERT OR REPLACE INTO open_reviews VALUES (?, ?)', requestId, timeIn(data, 'expiresAt'));
  for (const requirement of objectsIn(data['requirements'])) {
    decide(view, requestId, [requirement['group']]);
    const { escalation } = requirement;
    if (!isJsonObject(escalation)) continue;
    decide(view, requestId, Array.isArray(escalation['to']) ? escalation['to'] : []);
    view.run('INSERT OR REPLACE INTO escalations VALUES (?, ?)', requestId, timeIn(escalation, 'after'));
  }
};

const decide = (view: ViewStatements, requestId: string, groups: readonly (Json | undefined)[]): void => {
  for (const group of groups) {
    if (typeof group !== 'string') continue;
    view.run('INSERT OR REPLACE INTO deciding_groups VALUES (?, ?)', requestId, group);
  }
};

const close = (view: ViewStatements, requestId: string): void => {
  view.run('DELETE FROM open_reviews WHERE request_id = ?', requestId);
  view.run('DELETE FROM escalations WHERE request_id = ?', requestId);
  view.run('DELETE FROM deciding_groups WHERE request_id = ?', requestId);
};

/** Before every time there is: due at once. */
const LONG_AGO: Timestamp = '';

const timeIn = (data: JsonObject, member: string): Timestamp => {
  const time = data[member];
  return typeof time === 'string' ? time : LONG_AGO;
};

const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

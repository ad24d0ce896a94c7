import { requesterNatsToken } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { toTimestamp } from '@countersign/kernel';

/**
 * What is older was told, or nobody waits for it any more. A replica with an empty view, as each new one has,
 * would else tell everybody's whole past again.
 */
const TELLING_MS = 3_600_000;

/** Requests that came by NATS: how many events each has, and how many its requester was told of. */
export const RECEIPT_PROJECTION: Projection = {
  name: 'intake-receipts',
  version: 2,
  schema: `
    CREATE TABLE receipt (
      id TEXT PRIMARY KEY, requester_token TEXT NOT NULL,
      version INTEGER NOT NULL, announced INTEGER NOT NULL, changed_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX receipt_due ON receipt (changed_at) WHERE announced < version;
  `,
  categories: ['request', 'review', 'grant'],
  types: [
    'ActionRequested',
    'PolicyEvaluated',
    'ReviewOpened',
    'DecisionRecorded',
    'ReviewEscalated',
    'ReviewApproved',
    'ReviewDenied',
    'ReviewExpired',
    'ReviewCancelled',
    'GrantOpened',
    'TokenIssued',
    'GrantRedeemed',
    'GrantRevoked',
    'GrantExpired',
    'ExecutionReported',
    'ExecutionUnreported',
  ],
  unknownTypes: 'ignore',
  apply(view, { stream, type, metadata, committedAt }) {
    const { id } = parseStreamName(stream);
    if (type !== 'ActionRequested') {
      view.run('UPDATE receipt SET version = version + 1, changed_at = ? WHERE id = ?', committedAt, id);
    } else if (metadata.actor.via.channel === 'nats') {
      const token = requesterNatsToken(metadata.actor);
      view.run('INSERT INTO receipt VALUES (?, ?, 1, 0, ?)', id, token, committedAt);
    }
  },
};

export const dueReceipts = (view: ViewStatements, nowMs: number): readonly string[] =>
  view
    .all(
      'SELECT id FROM receipt WHERE announced < version AND changed_at > ? ORDER BY changed_at LIMIT 500',
      toTimestamp(nowMs - TELLING_MS),
    )
    .map(({ id }) => String(id));

/** Whom to tell of this request; undefined where there is nothing to tell, or it is told. */
export const requesterToTell = (
  view: ViewStatements,
  requestId: string,
  nowMs: number,
): string | undefined => {
  const row = view.get(
    'SELECT requester_token AS token FROM receipt WHERE id = ? AND announced < version AND changed_at > ?',
    requestId,
    toTimestamp(nowMs - TELLING_MS),
  );
  return row === undefined ? undefined : String(row['token']);
};

/** After a crash in between the receipt is announced again: its version tells a receiver that it knows it. */
export const markAnnounced = (view: ViewStatements, requestId: string, version: number): void =>
  view.run('UPDATE receipt SET announced = max(announced, ?) WHERE id = ?', version, requestId);

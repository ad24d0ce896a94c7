import { requesterNatsToken } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';

/** Requests that came by NATS: how many events each has, and how many its requester was told of. */
export const RECEIPT_PROJECTION: Projection = {
  name: 'intake-receipts',
  version: 1,
  schema: `
    CREATE TABLE receipt (
      id TEXT PRIMARY KEY, requester_token TEXT NOT NULL,
      version INTEGER NOT NULL, announced INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX receipt_due ON receipt (id) WHERE announced < version;
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
  apply(view, { stream, type, metadata }) {
    const { id } = parseStreamName(stream);
    if (type !== 'ActionRequested') {
      view.run('UPDATE receipt SET version = version + 1 WHERE id = ?', id);
    } else if (metadata.actor.via.channel === 'nats') {
      view.run('INSERT INTO receipt VALUES (?, ?, 1, 0)', id, requesterNatsToken(metadata.actor));
    }
  },
};

export const dueReceipts = (view: ViewStatements): readonly string[] =>
  view
    .all('SELECT id FROM receipt WHERE announced < version ORDER BY id LIMIT 500')
    .map(({ id }) => String(id));

export const requesterTokenFor = (view: ViewStatements, requestId: string): string | undefined => {
  const token = view.get('SELECT requester_token AS token FROM receipt WHERE id = ?', requestId)?.['token'];
  return token === undefined ? undefined : String(token);
};

/** After a crash in between the receipt is announced again: its version tells a receiver that it knows it. */
export const markAnnounced = (view: ViewStatements, requestId: string, version: number): void =>
  view.run('UPDATE receipt SET announced = max(announced, ?) WHERE id = ?', version, requestId);

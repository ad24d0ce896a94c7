import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { formatEntity, isJsonObject, type JsonObject } from '@countersign/kernel';

const REVIEW_ENDS: ReadonlySet<string> = new Set([
  'ReviewApproved',
  'ReviewDenied',
  'ReviewExpired',
  'ReviewCancelled',
]);

/** What a request counts for its requester, and in the log. */
export const bytesOf = (data: object): number => Buffer.byteLength(JSON.stringify(data));

/** Nobody's, where somebody wrote an event past intake: it fails no view. */
const requesterOf = ({ subject }: JsonObject): string => {
  if (!isJsonObject(subject)) return '';
  const { type, id } = subject;
  return typeof type === 'string' && typeof id === 'string' ? formatEntity({ type, id }) : '';
};

/** Requests that aren't settled: whose each is, and whether policy has looked at it. */
export const OPEN_REQUESTS = {
  schema: `
    CREATE TABLE open_request (
      id TEXT PRIMARY KEY, requester TEXT NOT NULL, bytes INTEGER NOT NULL, pending INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX open_request_of ON open_request (requester, pending, bytes);
    CREATE INDEX open_request_unevaluated ON open_request (id) WHERE pending = 0;
  `,
  apply(view: ViewStatements, { stream, type, data }: RecordedEvent): void {
    const { id } = parseStreamName(stream);
    if (type === 'ActionRequested') {
      view.run(
        'INSERT OR IGNORE INTO open_request VALUES (?, ?, ?, 0)',
        id,
        requesterOf(data),
        bytesOf(data),
      );
    } else if (type === 'ReviewOpened') {
      view.run('UPDATE open_request SET pending = 1 WHERE id = ?', id);
    } else if (REVIEW_ENDS.has(type)) {
      view.run('DELETE FROM open_request WHERE id = ?', id);
    }
  },
} satisfies Pick<Projection, 'schema' | 'apply'>;

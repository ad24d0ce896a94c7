import type { AuditRequestEntry, AuditRequestsQuery } from '@countersign/contracts';
import { REQUEST_STATUSES, type RequestStatus } from '@countersign/domain-thread';
import type { ViewRow, ViewStatements } from '@countersign/follower';
import { CodedError, parseEntity, toEpochMs, toTimestamp, type EntityRef } from '@countersign/kernel';
import type { Pin } from './list-place.ts';

export type Filters = Omit<AuditRequestsQuery, 'limit' | 'cursor'>;

/** Requests `above` < seq < `before`, newest first. */
export interface Stretch {
  readonly above: number;
  readonly before: number;
  readonly limit: number;
}

interface Condition {
  readonly sql: string;
  readonly value: string;
}

const latest = (kind: string): string =>
  `(SELECT value FROM fact WHERE request = r.seq AND kind = '${kind}' AND seq <= pin.facts
    ORDER BY seq DESC LIMIT 1)`;

const all = (kind: string): string =>
  `(SELECT json_group_array(value) FROM (
     SELECT value FROM fact WHERE request = r.seq AND kind = '${kind}' AND seq <= pin.facts
     GROUP BY value ORDER BY min(seq)))`;

const having = (kind: string): string =>
  `EXISTS (SELECT 1 FROM fact WHERE request = r.seq AND kind = '${kind}' AND value = ? AND seq <= pin.facts)`;

/** As `statusOf` folds it: the review's, and under an approval the grant's. */
const STATUS = `
  CASE coalesce(${latest('review')}, 'received')
    WHEN 'approved' THEN coalesce(${latest('grant')}, 'approved')
    ELSE coalesce(${latest('review')}, 'received') END`;

const utc = (time: string): string => toTimestamp(toEpochMs(time));

const personIn = (approver: string): string => {
  if (!approver.includes('::')) return approver;
  const { type, id } = entityIn(approver);
  if (type === 'User') return id;
  throw new CodedError('invalid_field', 'Only a User decides.', { field: 'approver' });
};

const entityIn = (approver: string): EntityRef => {
  try {
    return parseEntity(approver);
  } catch (cause) {
    throw new CodedError('invalid_field', 'Name a person like User::"alice" or alice.', {
      field: 'approver',
      cause,
    });
  }
};

/** The cheapest to refuse by come first. */
const conditionsOf = (filters: Filters): readonly Condition[] => {
  const { requester, action, resource, from, to, approver, policy, environment, status } = filters;
  const conditions: readonly { readonly sql: string; readonly value: string | undefined }[] = [
    { sql: 'r.requester = ?', value: requester },
    { sql: 'r.action = ?', value: action },
    { sql: 'r.resource = ?', value: resource },
    { sql: 'r.requested_at >= ?', value: from && utc(from) },
    { sql: 'r.requested_at < ?', value: to && utc(to) },
    { sql: having('approver'), value: approver && personIn(approver) },
    { sql: having('policy'), value: policy },
    { sql: having('environment'), value: environment },
    { sql: `${STATUS} = ?`, value: status },
  ];
  return conditions.flatMap(({ sql, value }) => (value === undefined ? [] : [{ sql, value }]));
};

const selectBy = (conditions: readonly Condition[]): string => `
  WITH pin (facts) AS (SELECT ?)
  SELECT r.*, ${STATUS} AS status, ${latest('environment')} AS environment,
    ${all('policy')} AS policies, ${all('approver')} AS approvers
  FROM request r, pin
  WHERE r.seq > ? AND r.seq < ? ${conditions.map(({ sql }) => `AND ${sql}`).join(' ')}
  ORDER BY r.seq DESC LIMIT ?`;

export interface ListedRequest {
  readonly seq: number;
  readonly entry: AuditRequestEntry;
}

/** Rows of one stretch as of the pin. */
export const selectRequests = (
  view: ViewStatements,
  pin: Pin,
  filters: Filters,
  { above, before, limit }: Stretch,
): readonly ListedRequest[] => {
  const conditions = conditionsOf(filters);
  const values = conditions.map(({ value }) => value);
  return view.all(selectBy(conditions), pin.facts, above, before, ...values, limit).map(toListed);
};

const toListed = (row: ViewRow): ListedRequest => ({
  seq: Number(row['seq']),
  entry: {
    id: String(row['id']),
    status: statusIn(row['status']),
    requester: String(row['requester']),
    ...(row['initiator'] !== null && { initiator: String(row['initiator']) }),
    action: String(row['action']),
    resource: String(row['resource']),
    ...(row['environment'] !== null && { environment: String(row['environment']) }),
    policies: namesIn(row['policies']),
    approvers: namesIn(row['approvers']),
    digest: String(row['digest']),
    requestedAt: String(row['requested_at']),
  },
});

const statusIn = (value: unknown): RequestStatus => {
  const status = REQUEST_STATUSES.find((known) => known === value);
  if (status !== undefined) return status;
  throw new CodedError('projection_corrupt', `"${String(value)}" is no status; rebuild the projection.`);
};

const namesIn = (json: unknown): string[] => {
  const names: unknown = JSON.parse(String(json));
  return Array.isArray(names) ? names.map(String) : [];
};

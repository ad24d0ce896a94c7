import { REQUEST_STATUSES } from '@countersign/domain-thread';
import { z } from 'zod';
import { queryInteger } from '../http/primitives.ts';
import { pageCursor, position, recordMode } from './audit-events.ts';

const filter = z.string().min(1).max(1_000).optional();
const time = z.iso.datetime({ offset: true }).optional();

/** `GET /v1/audit/requests`: filters are exact and all hold together. */
export const auditRequestsQuery = z.strictObject({
  status: z.enum(REQUEST_STATUSES).optional(),
  requester: filter.describe('like `Agent::"etl-bot"`'),
  approver: filter.describe('a person who decided, like `User::"alice"` or alice'),
  action: filter.describe('like data.export'),
  resource: filter.describe('like Dataset/customers'),
  environment: filter.describe('as the catalogue had it when policy was asked'),
  policy: filter.describe('id of a policy that determined the answer'),
  from: time.describe('asked at or after this time'),
  to: time.describe('asked before this time'),
  limit: queryInteger(1, 500).default(50),
  cursor: pageCursor,
});
export type AuditRequestsQuery = z.infer<typeof auditRequestsQuery>;

/** As its events tell it, unverified: an event that isn't what it promises leaves its part empty. */
export const auditRequestEntry = z.strictObject({
  id: z.string(),
  status: z.enum(REQUEST_STATUSES),
  requester: z.string(),
  initiator: z.string().optional(),
  action: z.string(),
  resource: z.string(),
  environment: z.string().optional(),
  policies: z.array(z.string()),
  approvers: z.array(z.string()).describe('persons whose decision is recorded, whichever it was'),
  digest: z.string(),
  requestedAt: z.string(),
});
export type AuditRequestEntry = z.infer<typeof auditRequestEntry>;

/**
 * Newest first. All pages of one listing show the record as it stood at `asOf`: what was asked or changed
 * since then is on none of them, so none is shown twice and none is missed.
 */
export const auditRequestsPage = z.strictObject({
  mode: recordMode,
  asOf: position.optional().describe('absent while the log is empty'),
  requests: z.array(auditRequestEntry),
  nextCursor: z.string().optional().describe('absent on the last page'),
});
export type AuditRequestsPage = z.infer<typeof auditRequestsPage>;

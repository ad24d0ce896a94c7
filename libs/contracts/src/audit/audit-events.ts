import type { Category } from '@countersign/event-store';
import { z } from 'zod';
import { jsonObject, queryInteger, timestamp } from '../http/primitives.ts';

const CATEGORIES = [
  'request',
  'review',
  'reviewattempt',
  'grant',
  'grantattempt',
  'delivery',
  'interaction',
  'policyset',
  'evidence',
  'system',
] as const satisfies readonly Category[];

export const position = z.string().describe('a place in the log; opaque, compare for equality only');
export const recordMode = z
  .enum(['development', 'production'])
  .describe('a record made in development mode proves nothing: anybody on its machine may have made it');

/** One event as the log has it, envelope and all, so that a reader can verify it again. */
export const auditEvent = z.strictObject({
  position,
  stream: z.string(),
  revision: z.int(),
  committedAt: timestamp,
  id: z.string(),
  type: z.string(),
  schemaVersion: z.int(),
  data: jsonObject,
  metadata: jsonObject.describe('who, by what, why, and `signature {kid, first, count, value}`'),
  signatureValid: z.boolean().describe("whether a key of the stream's only writer made this append"),
});
export type AuditEvent = z.infer<typeof auditEvent>;

export const pageCursor = z.string().min(1).max(500).optional().describe('`nextCursor` of the page before');

/** `GET /v1/audit/events` */
export const auditEventsQuery = z.strictObject({
  request: z.uuid().optional().describe('events of this request'),
  category: z.enum(CATEGORIES).optional(),
  type: z.string().min(1).max(64).optional().describe('like DecisionRecorded'),
  limit: queryInteger(1, 500).default(100),
  cursor: pageCursor,
});
export type AuditEventsQuery = z.infer<typeof auditEventsQuery>;

/**
 * Oldest first. A page may hold fewer events than asked for, even none, where a filter is rare: go on while
 * there is a cursor.
 */
export const auditEventsPage = z.strictObject({
  mode: recordMode,
  asOf: position.describe('all pages of one listing end here: where its first reading was recorded'),
  events: z.array(auditEvent),
  nextCursor: z.string().optional().describe('absent on the last page'),
});
export type AuditEventsPage = z.infer<typeof auditEventsPage>;

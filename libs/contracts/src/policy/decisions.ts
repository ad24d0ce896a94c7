import { z } from 'zod';
import { actionDigest, humanReason, timestamp } from '../http/primitives.ts';

export const decisionBody = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  reason: humanReason,
  digest: actionDigest,
});
export type DecisionBody = z.infer<typeof decisionBody>;

export const decisionView = z.strictObject({
  requestId: z.uuid(),
  approver: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string(),
  digest: actionDigest,
  decidedAt: timestamp,
  /** The request's status after this decision. */
  status: z.string(),
});
export type DecisionView = z.infer<typeof decisionView>;

import { REQUEST_STATUSES } from '@countersign/domain-thread';
import { z } from 'zod';
import {
  actionDigest,
  actionParts,
  entityRef,
  jsonObject,
  subjectView,
  timestamp,
} from '../http/primitives.ts';

/** `POST /v1/requests`; parsed strictly by the domain, described by this. */
export const requestBody = z.strictObject(actionParts);

export const policyRef = z.strictObject({ id: z.string(), description: z.string() });

export const decisionEntry = z.strictObject({
  approver: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string(),
  decidedAt: timestamp,
  channel: z.string(),
});

export const reviewView = z.strictObject({
  state: z.enum(['open', 'approved', 'denied', 'expired', 'cancelled']),
  /** Why it was denied or expired: the engine's reason, `approver_denied`, `timeout`, `undeliverable`. */
  code: z.string().optional(),
  detail: z.string().optional(),
  policies: z.array(policyRef),
  policySetDigest: z.string(),
  requirements: z.array(
    z.strictObject({
      group: z.string(),
      quorum: z.int(),
      alternatives: z.array(z.string()).describe('groups that may fill the same seats now'),
    }),
  ),
  decisions: z.array(decisionEntry),
  approvers: z.array(z.string()),
  controls: z.array(z.string()),
  decideVia: z
    .array(z.string())
    .optional()
    .describe('the only places where a decision counts, where policy names some: `api`, `slack`, `teams`'),
  risk: z.string().optional(),
  openedAt: timestamp.optional(),
  expiresAt: timestamp.optional(),
});

export const grantView = z.strictObject({
  grantId: z.string(),
  state: z.enum(['available', 'issued', 'redeemed', 'revoked', 'expired', 'reported', 'unreported']),
  redeemer: entityRef,
  expiresAt: timestamp,
  code: z.string().optional().describe('why it was revoked'),
  redeemedAt: timestamp.optional(),
  outcome: jsonObject.optional(),
});

export const requestView = z.strictObject({
  id: z.uuid(),
  version: z.int().describe('grows with every event of the request'),
  status: z.enum(REQUEST_STATUSES),
  digest: actionDigest,
  subject: subjectView,
  action: z.strictObject({ name: z.string(), properties: jsonObject }),
  resource: z.strictObject({ type: z.string(), id: z.string(), properties: jsonObject }),
  context: jsonObject,
  requestedAt: timestamp,
  enforcement: z.enum(['advisory', 'guarded', 'brokered']),
  review: reviewView.optional(),
  grant: grantView.optional(),
});
export type RequestView = z.infer<typeof requestView>;

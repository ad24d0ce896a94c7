import { z } from 'zod';
import { entityRef, jsonObject, timestamp } from '../http/primitives.ts';
import { requestView } from '../intake/requests.ts';
import { auditEvent, recordMode } from './audit-events.ts';

/** Through what somebody came: the authenticated identity behind the principal. */
const via = z.looseObject({ channel: z.string() });
const enforcement = z.enum(['advisory', 'guarded', 'brokered']);

const asked = z.strictObject({
  by: entityRef,
  via,
  owner: entityRef.optional().describe('frozen when the review was opened, else as the set in force had it'),
  initiator: z.string().optional().describe('the person a verified claim named as acting through it'),
  justification: z.string(),
  requestedAt: timestamp,
});

const evaluation = z.strictObject({
  reason: z.string(),
  detail: z.string(),
  policies: z.array(
    z.strictObject({
      id: z.string(),
      description: z.string(),
      file: z.string().optional(),
      text: z.string().optional().describe('as it was in force; absent where `problems` says why'),
    }),
  ),
  catalogue: jsonObject.describe('what the catalogue said of the resource: the trusted part'),
  claims: z.array(z.string()).describe("paths of the requester's own claims that policies read"),
  errors: z.array(z.string()),
  policySetDigest: z.string(),
  directoryDigest: z.string(),
  activated: z
    .strictObject({ by: entityRef, at: timestamp })
    .optional()
    .describe('who put that set in force, and when'),
  evaluatedAt: timestamp,
});

const decision = z.strictObject({
  approver: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string(),
  groups: z.array(z.string()).describe("the person's groups at that moment"),
  via,
  decidedAt: timestamp,
});

const refusal = z.strictObject({
  attempt: z.enum(['approve', 'deny', 'redeem']),
  by: entityRef,
  refusal: z.string(),
  via: via.optional(),
  refusedAt: timestamp,
});

const grantStory = z.strictObject({
  redeemed: z
    .strictObject({
      by: entityRef,
      enforcement,
      jti: z.string(),
      redemptionId: z.string().optional(),
      policySetDigest: z.string(),
      redeemedAt: timestamp,
    })
    .optional(),
  revoked: z
    .strictObject({ by: entityRef, cause: z.string(), reason: z.string(), revokedAt: timestamp })
    .optional(),
  outcome: z
    .strictObject({
      by: entityRef,
      status: z.enum(['succeeded', 'failed']),
      exitCode: z.int().optional(),
      summary: z.string().optional(),
      outputDigest: z.string().optional(),
      late: z.boolean(),
      reportedAt: timestamp,
    })
    .optional(),
});

const problem = z.strictObject({
  code: z.string(),
  detail: z.string(),
  stream: z.string().optional(),
});

/**
 * `GET /v1/audit/requests/{id}`: the case, folded from the streams themselves. `timeline` is the evidence;
 * the rest is told from it, and left out where it can't be.
 */
export const auditCase = z.strictObject({
  id: z.uuid(),
  mode: recordMode,
  request: requestView.optional(),
  asked: asked.optional(),
  evaluation: evaluation.optional(),
  decisions: z.array(decision),
  cancelled: z.strictObject({ by: entityRef, cancelledAt: timestamp }).optional(),
  grant: grantStory,
  refused: z.array(refusal).describe('attempts that did not count; at most 20 of each kind are recorded'),
  problems: z.array(problem).describe('why this record is not to be relied on; empty where it is'),
  timeline: z
    .array(auditEvent)
    .describe('by time of commit; within one millisecond, causes before their effects'),
});
export type AuditCase = z.infer<typeof auditCase>;

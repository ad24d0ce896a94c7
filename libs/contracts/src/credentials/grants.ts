import { z } from 'zod';
import { actionParts, humanReason, jsonObject, subjectView, timestamp } from '../http/primitives.ts';

export const claimBody = z.strictObject({ requestId: z.uuid() });
export type ClaimBody = z.infer<typeof claimBody>;
export const claimView = z.strictObject({ grantId: z.string(), token: z.string(), expiresAt: timestamp });
export type ClaimView = z.infer<typeof claimView>;

export const redemptionBody = z.strictObject({
  token: z.string().min(1).max(16_384),
  subject: subjectView,
  ...actionParts,
  redemptionId: z.string().min(1).max(200).optional(),
});

export const redemptionView = z.strictObject({
  grantId: z.string(),
  requestId: z.uuid(),
  redeemedAt: timestamp,
  enforcement: z.enum(['advisory', 'guarded', 'brokered']),
  credential: jsonObject.optional(),
});
export type RedemptionView = z.infer<typeof redemptionView>;

export const revocationBody = z.strictObject({ reason: humanReason });
export type RevocationBody = z.infer<typeof revocationBody>;
export const revocationView = z.strictObject({ grantId: z.string(), revokedAt: timestamp });
export type RevocationView = z.infer<typeof revocationView>;

export const outcomeBody = z.strictObject({
  status: z.enum(['succeeded', 'failed']),
  exitCode: z.int().min(0).max(255).optional(),
  summary: z.string().max(2_000).optional(),
  outputDigest: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
});
export type OutcomeBody = z.infer<typeof outcomeBody>;
export const outcomeView = outcomeBody.extend({
  grantId: z.string(),
  late: z.boolean(),
  reportedAt: timestamp,
});
export type OutcomeView = z.infer<typeof outcomeView>;

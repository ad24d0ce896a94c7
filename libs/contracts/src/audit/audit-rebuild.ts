import { z } from 'zod';
import { position } from './audit-events.ts';

/** `POST /v1/audit/rebuild` */
export const auditRebuild = z.strictObject({
  equal: z.boolean().describe('whether the live projection held the same rows, up to the same event'),
  replaced: z.boolean().describe('whether the rebuilt projection took its place: where they differ'),
  asOf: position.optional().describe('the event up to which both were compared'),
  events: z.int(),
  requests: z.int(),
  digest: z.string().describe('base64url SHA-256 over the rebuilt rows in order'),
  liveDigest: z.string().optional().describe('absent where the live one had stopped, or could not be read'),
  replayMs: z.int().describe('of `tookMs`, the replay alone'),
  tookMs: z.int(),
});
export type AuditRebuild = z.infer<typeof auditRebuild>;

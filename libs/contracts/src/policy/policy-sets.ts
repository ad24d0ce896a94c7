import { z } from 'zod';
import { timestamp } from '../http/primitives.ts';

/** Bytes of an activation's body: a whole set travels in one call. */
export const ACTIVATION_BODY_LIMIT = 1_048_576;

const setDigest = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .describe('base64url SHA-256 over the RFC 8785 form of the manifest, sorted by path');

export const policyFile = z.strictObject({
  path: z.string().min(1).max(200).describe('relative to the folder, with forward slashes'),
  content: z.string().max(ACTIVATION_BODY_LIMIT),
});

/** `POST /v1/policy-sets`: the whole set, and the digest of the one it was written to replace. */
export const policySetBody = z.strictObject({
  files: z.array(policyFile).min(1).max(500),
  replaces: setDigest,
});
export type PolicySetBody = z.infer<typeof policySetBody>;

export const policySetActivated = z.strictObject({
  digest: setDigest,
  replaces: setDigest,
  by: z.string().describe('the activating principal in Cedar notation'),
  activatedAt: timestamp,
  warnings: z.array(z.string()).describe('`file:line code message`; never reasons to refuse'),
});
export type PolicySetActivatedView = z.infer<typeof policySetActivated>;

/** `GET /v1/policy-sets/active` */
export const activePolicySetView = z.strictObject({
  digest: setDigest,
  directoryDigest: setDigest,
  manifest: z.array(z.strictObject({ path: z.string(), digest: setDigest })),
  files: z.array(policyFile),
  by: z.string(),
  activatedAt: timestamp,
  replaces: setDigest.optional(),
});
export type ActivePolicySetView = z.infer<typeof activePolicySetView>;

import { isBlank, type JsonObject } from '@countersign/kernel';
import { z } from 'zod';

export const timestamp = z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds');
export const actionDigest = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .describe('base64url SHA-256 over the RFC 8785 form of {subject, action, resource, context}');
export const humanReason = z
  .string()
  .min(1)
  .max(2_000)
  .refine((text) => !isBlank(text), 'say why: nothing of this can be seen')
  .describe('Of which something can be seen: it stands in the record');
export const entityRef = z.strictObject({ type: z.string().min(1).max(200), id: z.string().min(1).max(500) });
export const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const actionParts = {
  action: z.strictObject({ name: z.string().min(1).max(200), properties: jsonObject.optional() }),
  resource: z.strictObject({
    type: z.string().min(1).max(200),
    id: z.string().min(1).max(500),
    properties: jsonObject.optional(),
  }),
  context: jsonObject.describe('`justification` is required; everything here is bound by the digest'),
};

export const subjectView = z.strictObject({ type: z.string(), id: z.string(), properties: jsonObject });

/** Whole, from `min` to `max`, in a query: decimal digits alone, not all that coercion would take for a number. */
export const queryInteger = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^(0|[1-9]\d*)$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );

/** RFC 9457 problem details; `code` is stable, `field` names the offending part. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  field: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;

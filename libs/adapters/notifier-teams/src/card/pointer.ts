import type { ReviewSheet } from '@countersign/notifier';
import { z } from 'zod';

const pointer = {
  /** Which request, and which state of its card, a button was shown with; never authority. */
  request: z.uuid(),
  digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  version: z.int().nonnegative(),
};

const decide = {
  data: z.strictObject({ ...pointer, whole: z.literal(true), reason: z.string().max(20_000).optional() }),
};

/** What our buttons send: `page` reads in full, from a page on; the others decide, where all had been shown. */
export const cardActionSchema = z.discriminatedUnion('verb', [
  z.object({
    verb: z.literal('page'),
    data: z.object({ ...pointer, page: z.int().min(1).max(1_000) }),
  }),
  z.object({ verb: z.literal('approve'), ...decide }),
  z.object({ verb: z.literal('deny'), ...decide }),
]);

export type CardAction = z.infer<typeof cardActionSchema>;
export type DecideAction = Exclude<CardAction, { verb: 'page' }>;
export type PageAction = Extract<CardAction, { verb: 'page' }>;

export interface Pointer {
  readonly request: string;
  readonly digest: string;
  readonly version: number;
}

export const pointerTo = ({ requestId, digest, version }: ReviewSheet): Pointer => ({
  request: requestId,
  digest,
  version,
});

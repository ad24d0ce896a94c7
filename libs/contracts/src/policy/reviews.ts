import { z } from 'zod';
import { queryInteger } from '../http/primitives.ts';
import { requestView } from '../intake/requests.ts';

/** `GET /v1/reviews`: only open reviews are listed; the newest deadline comes first. */
export const reviewsQuery = z.strictObject({
  status: z.literal('open').optional(),
  limit: queryInteger(1, 100).default(50),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before'),
});
export type ReviewsQuery = z.infer<typeof reviewsQuery>;

/** The requests whose review this person may decide now. */
export const reviewsPage = z.strictObject({
  reviews: z.array(requestView),
  nextCursor: z.string().optional().describe('absent on the last page'),
});
export type ReviewsPage = z.infer<typeof reviewsPage>;

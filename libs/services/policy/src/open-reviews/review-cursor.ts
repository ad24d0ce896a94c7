import { pageCursor } from '@countersign/service-host';
import { z } from 'zod';
import type { OpenReviewKey } from '../due-work/reviews-view.ts';

const CURSOR = pageCursor(z.tuple([z.string(), z.string()]));

export const formatCursor = ({ expiresAt, requestId }: OpenReviewKey): string =>
  CURSOR.format([expiresAt, requestId]);

/** `invalid_cursor` for anything but a `nextCursor` of ours. */
export const parseCursor = (cursor: string): OpenReviewKey => {
  const [expiresAt, requestId] = CURSOR.parse(cursor);
  return { expiresAt, requestId };
};

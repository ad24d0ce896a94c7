import { CodedError } from '@countersign/kernel';
import { z } from 'zod';
import type { OpenReviewKey } from '../due-work/reviews-view.ts';

const place = z.tuple([z.string(), z.string()]);

export const formatCursor = ({ expiresAt, requestId }: OpenReviewKey): string =>
  Buffer.from(JSON.stringify([expiresAt, requestId])).toString('base64url');

/** `invalid_cursor` for anything but a `nextCursor` of ours. */
export const parseCursor = (cursor: string): OpenReviewKey => {
  const parsed = place.safeParse(jsonOf(cursor));
  if (!parsed.success) {
    throw new CodedError('invalid_cursor', 'Give the nextCursor of the page before, or none.', {
      field: 'cursor',
    });
  }
  const [expiresAt, requestId] = parsed.data;
  return { expiresAt, requestId };
};

const jsonOf = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

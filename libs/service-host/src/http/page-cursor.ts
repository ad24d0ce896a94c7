import { CodedError } from '@countersign/kernel';
import type { z } from 'zod';

/** A place in a list, as clients carry it from page to page without looking inside. */
export interface PageCursor<Place> {
  format(place: Place): string;
  /** `invalid_cursor` for anything but a cursor of this list. */
  parse(cursor: string): Place;
}

export const invalidCursor = (): CodedError<'invalid_cursor'> =>
  new CodedError('invalid_cursor', 'Give the nextCursor of the page before, or none.', { field: 'cursor' });

export const pageCursor = <Place>(schema: z.ZodType<Place>): PageCursor<Place> => ({
  format: (place) => Buffer.from(JSON.stringify(place)).toString('base64url'),
  parse: (cursor) => {
    const parsed = schema.safeParse(jsonOf(cursor));
    if (parsed.success) return parsed.data;
    throw invalidCursor();
  },
});

const jsonOf = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

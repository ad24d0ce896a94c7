import { pageCursor } from '@countersign/service-host';
import { z } from 'zod';

/**
 * The projection as it stood at one moment: its rows up to these. `position` is where the log stood then,
 * `lastId` the id of request `requests`: by it a cursor is known to be of this log.
 */
export interface Pin {
  readonly position: string;
  readonly requests: number;
  readonly lastId: string;
  readonly facts: number;
}

/** Where a listing goes on: below request `before`, as of the pin. */
export interface ListPlace {
  readonly pin: Pin;
  readonly before: number;
}

const row = z.int().min(0);

export const LIST_CURSOR = pageCursor<ListPlace>(
  z.strictObject({
    pin: z.strictObject({ position: z.string(), requests: row, lastId: z.string(), facts: row }),
    before: row,
  }),
);

import { pageCursor } from '@countersign/service-host';
import { z } from 'zod';

/** Of a listing of the log: go on after this place, up to the reading that began the listing. */
export interface LogPlace {
  readonly after: string;
  readonly end: string;
}

/** Of a listing of one request: how long its streams were when it began, and how many events were shown. */
export interface RequestPlace {
  readonly lengths: readonly number[];
  readonly shown: number;
  readonly end: string;
}

const count = z.int().min(0);

export const LOG_CURSOR = pageCursor<LogPlace>(z.strictObject({ after: z.string(), end: z.string() }));
export const REQUEST_CURSOR = pageCursor<RequestPlace>(
  z.strictObject({ lengths: z.array(count), shown: count, end: z.string() }),
);

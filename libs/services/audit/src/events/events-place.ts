import { pageCursor } from '@countersign/service-host';
import { z } from 'zod';

/** Where an export goes on: after this place in the log, and no further than what was committed `until`. */
export interface EventsPlace {
  /** Absent: the log's start. */
  readonly after?: string;
  /** Of one request's events: how many were shown. */
  readonly shown: number;
  readonly until: string;
}

export const EVENTS_CURSOR = pageCursor<EventsPlace>(
  z.strictObject({ after: z.string().exactOptional(), shown: z.int().min(0), until: z.string() }),
);

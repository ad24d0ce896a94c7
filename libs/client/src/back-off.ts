import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Exponential with full jitter; `attempt` counts from 1. */
export const backOffMs = (attempt: number, random: () => number = Math.random): number =>
  Math.ceil(random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt));

/** Up to a quarter longer than was asked for, so that those who were refused together don't come back together. */
export const notBeforeMs = (askedMs: number, random: () => number = Math.random): number =>
  Math.ceil(askedMs * (1 + random() / 4));

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date, in milliseconds from now; undefined where unreadable. */
export const retryAfterMs = (header: string | null, nowMs: number): number | undefined => {
  if (header === null) return undefined;
  if (/^[0-9]{1,6}$/.test(header)) return Number(header) * 1_000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
};

/** Waits, or ends early when the signal does; the caller looks at the signal afterwards. */
export const pause = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
};

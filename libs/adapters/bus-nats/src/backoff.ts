import { setTimeout as sleep } from 'node:timers/promises';

export interface BackoffRange {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Doubles with each attempt (0-based) up to the most; a random half of it keeps replicas apart. */
export const backoffMs = (attempt: number, { firstMs, mostMs }: BackoffRange): number => {
  const fullMs = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.ceil(fullMs * (0.5 + Math.random() / 2));
};

/** Waits, or returns at once when the signal aborts; the caller looks at the signal itself. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

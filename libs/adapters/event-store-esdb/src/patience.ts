import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreError } from '@countersign/event-store';
import { monotonicMs, type Deadline } from './deadline.ts';
import { failureOf, finalError } from './esdb-failure.ts';

export interface Patience {
  /** For the whole of it, repeats included. */
  readonly totalMs: number;
  /** For one call: a node that doesn't answer must not use up the time in which another would. */
  readonly callMs: number;
}

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 500;

/** How long to wait before the repeat after so many failures. */
export const pauseMs = (failures: number): number =>
  Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1));

export interface Effort<Result> {
  /** One try; the deadline is for each call that it makes. May be made again after any failure. */
  readonly attempt: (deadline: Deadline) => Promise<Result>;
  /** What to throw when time is up; `lost` where some try may have been carried out. */
  readonly giveUp: (lost: boolean, cause: unknown) => EventStoreError;
  readonly signal: AbortSignal;
}

/** Tries until it succeeds, fails for good, or time is up. */
export const persist = async <Result>(
  { totalMs, callMs }: Patience,
  { attempt, giveUp, signal }: Effort<Result>,
): Promise<Result> => {
  const end = monotonicMs() + totalMs;
  let lost = false;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(Math.min(end, monotonicMs() + callMs));
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      const failure = failureOf(error);
      if (failure.kind === 'final') throw lost ? giveUp(lost, error) : finalError(failure, error);
      lost ||= failure.kind === 'lost';
      const pause = pauseMs(failures);
      if (signal.aborted || monotonicMs() + pause >= end) throw giveUp(lost, error);
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }
};

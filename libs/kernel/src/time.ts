import { CodedError } from './coded-error.ts';

/** RFC 3339 in UTC with milliseconds and `Z`: `2026-11-20T10:24:45.000Z`. Sorts as text. */
export type Timestamp = string;

export const toTimestamp = (epochMs: number): Timestamp => new Date(epochMs).toISOString();

export const toEpochMs = (timestamp: Timestamp): number => {
  const epochMs = Date.parse(timestamp);
  if (Number.isNaN(epochMs)) {
    throw new CodedError('invalid_timestamp', `"${timestamp}" is not an RFC 3339 time.`);
  }
  return epochMs;
};

export const plusMs = (timestamp: Timestamp, ms: number): Timestamp => toTimestamp(toEpochMs(timestamp) + ms);

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses `250ms`, `30s`, `15m`, `1h`, `2d` into milliseconds; anything else is `invalid_duration`. */
export const parseDurationMs = (text: string): number => {
  const match = /^([1-9][0-9]{0,8})(ms|s|m|h|d)$/.exec(text);
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) {
    throw new CodedError(
      'invalid_duration',
      `"${text}" is not a duration; write it like 30s, 15m, 1h or 2d.`,
    );
  }
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
};

/**
 * Time as the services see it. `nowMs` never goes back within a process, and never lags behind a
 * committed time that was observed. Where the machine's clock or the store's disagrees by more than 2 s,
 * `skewMs` says so and the service makes itself unready: a wrong clock must not decide a deadline in silence.
 */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /**
   * Moves the clock forward to a committed time seen in the store; an earlier time doesn't move it. Who asked
   * for that commit tells by `askedAtMs` what this clock said then: a commit from before that shows that this
   * clock is ahead of the store's.
   */
  observe(committedAt: Timestamp, askedAtMs?: number): void;
  /** How far this clock is from the machine's, or ahead of the store's: the larger one, in milliseconds, ≥ 0. */
  skewMs(): number;
}

export const MAX_SKEW_MS = 2_000;

export const timestampNow = (clock: Clock): Timestamp => toTimestamp(clock.nowMs());

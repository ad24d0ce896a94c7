import { describe, expect, it } from 'vitest';
import { parseDurationMs, plusMs, toEpochMs, toTimestamp } from './time.ts';

describe('a timestamp', () => {
  it('is RFC 3339 in UTC with milliseconds, and comes back', () => {
    expect(toTimestamp(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(toEpochMs('2026-11-20T10:24:45.001Z')).toBe(Date.UTC(2026, 10, 20, 10, 24, 45, 1));
  });

  it('moves by milliseconds', () => {
    expect(plusMs('2026-12-31T23:59:59.999Z', 1)).toBe('2027-01-01T00:00:00.000Z');
  });

  it.each(['', 'tomorrow', '2026-13-01T00:00:00.000Z'])('refuses %j', (text) => {
    expect(() => toEpochMs(text)).toThrow(expect.objectContaining({ code: 'invalid_timestamp' }));
  });
});

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '0s', '-1s', '1.5h', '1 h', 'PT1H', '1w', '10', '1h30m'])('refuses %j', (text) => {
    expect(() => parseDurationMs(text)).toThrow(expect.objectContaining({ code: 'invalid_duration' }));
  });
});

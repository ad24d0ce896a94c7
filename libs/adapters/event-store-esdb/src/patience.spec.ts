import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { storeAway } from './esdb-failure.ts';
import { persist } from './patience.ts';

afterEach(() => void vi.restoreAllMocks());

const away = (): Error => Object.assign(new Error('away'), { code: status.UNAVAILABLE, details: 'away' });

describe('patience', () => {
  it('goes on trying where the system clock is stepped ahead in the middle', async () => {
    const clock = vi.spyOn(Date, 'now');
    let attempts = 0;
    const attempt = async (): Promise<string> => {
      attempts += 1;
      clock.mockReturnValue(new Date().getTime() + attempts * 3_600_000);
      if (attempts < 3) throw away();
      return 'settled';
    };
    const giveUp = (_lost: boolean, cause: unknown) => storeAway(cause);
    const { signal } = new AbortController();
    expect(await persist({ totalMs: 60_000, callMs: 30_000 }, { attempt, giveUp, signal })).toBe('settled');
  });
});

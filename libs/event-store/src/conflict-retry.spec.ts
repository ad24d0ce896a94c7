import { describe, expect, it, vi } from 'vitest';
import { decideAndAppend, MAX_REDECISIONS, retryOnConflict } from './conflict-retry.ts';
import { EventStoreError } from './event-store-error.ts';

const conflict = (): never => {
  throw new EventStoreError('wrong_expected_revision', 'Somebody was faster.');
};

describe('a decision that meets a conflict', () => {
  it('is made again on the stream as it stands then', async () => {
    let revision = 0;
    const appended: unknown[] = [];
    const append = (loaded: { revision: number }, events: readonly string[]): Promise<string> => {
      revision += 1;
      if (loaded.revision < 2) return Promise.resolve().then(conflict);
      appended.push(...events);
      return Promise.resolve('done');
    };
    const result = await decideAndAppend({
      load: () => Promise.resolve({ revision }),
      decide: (loaded) => [`decided at ${loaded.revision}`],
      append,
    });
    expect(result).toEqual({ loaded: { revision: 2 }, appended: 'done' });
    expect(appended).toEqual(['decided at 2']);
  });

  it('ends in too_much_contention after five times more', async () => {
    const attempt = vi.fn<() => Promise<never>>(() => Promise.resolve().then(conflict));
    await expect(retryOnConflict(attempt)).rejects.toMatchObject({
      code: 'too_much_contention',
      cause: { code: 'wrong_expected_revision' },
    });
    expect(attempt).toHaveBeenCalledTimes(MAX_REDECISIONS + 1);
  });

  it('is not made again for any other error', async () => {
    const attempt = vi.fn<() => Promise<never>>(() =>
      Promise.reject(new EventStoreError('append_uncertain', '')),
    );
    await expect(retryOnConflict(attempt)).rejects.toMatchObject({ code: 'append_uncertain' });
    expect(attempt).toHaveBeenCalledOnce();
  });
});

describe('a decision without events', () => {
  it('appends nothing', async () => {
    const append = vi.fn<() => Promise<string>>(() => Promise.resolve('done'));
    const result = await decideAndAppend({ load: () => Promise.resolve('state'), decide: () => [], append });
    expect(result).toEqual({ loaded: 'state' });
    expect(append).not.toHaveBeenCalled();
  });
});

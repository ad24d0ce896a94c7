import { describe, expect, it, vi } from 'vitest';
import { MAX_REDECISIONS, retryOnConflict } from './conflict-retry.ts';
import { EventStoreError } from './event-store-error.ts';

const conflict = (): never => {
  throw new EventStoreError('wrong_expected_revision', 'Somebody was faster.');
};

describe('a decision that meets a conflict', () => {
  it('is made again on the stream as it stands then', async () => {
    let revision = 0;
    const decided: string[] = [];
    const attempt = (): Promise<string> => {
      decided.push(`decided at ${revision}`);
      revision += 1;
      return revision > 2 ? Promise.resolve('done') : Promise.resolve().then(conflict);
    };
    await expect(retryOnConflict(attempt)).resolves.toBe('done');
    expect(decided).toEqual(['decided at 0', 'decided at 1', 'decided at 2']);
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

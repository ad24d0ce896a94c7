import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { withUntilAborted } from './until-aborted.ts';

describe('waiting for a signal', () => {
  it('ends when it aborts, also where it has already', async () => {
    const stopping = new AbortController();
    const waiting = withUntilAborted(stopping.signal, async (aborted) => aborted.then(() => 'over'));
    stopping.abort();
    expect(await waiting).toBe('over');
    expect(await withUntilAborted(stopping.signal, (aborted) => aborted.then(() => 'over'))).toBe('over');
  });

  it('leaves nothing behind on the signal, however often it is done, and however it ends', async () => {
    const { signal } = new AbortController();
    for (let times = 0; times < 20; times += 1) await withUntilAborted(signal, async () => undefined);
    await expect(withUntilAborted(signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

import { once } from 'node:events';

/** Runs `work` with what resolves when the signal aborts, and listens to the signal no longer than that. */
export const withUntilAborted = async <Result>(
  signal: AbortSignal,
  work: (aborted: Promise<unknown>) => Promise<Result>,
): Promise<Result> => {
  const listening = new AbortController();
  const aborted = signal.aborted
    ? Promise.resolve()
    : once(signal, 'abort', { signal: listening.signal }).catch(() => undefined);
  try {
    return await work(aborted);
  } finally {
    listening.abort();
  }
};

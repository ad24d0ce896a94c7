import type { Failure } from './writer-protocol.ts';

// https://www.sqlite.org/rescode.html
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR_WRITE = 778;
const SQLITE_BUSY = 5;
const SQLITE_IOERR_FSYNC = 1034;

const resultCode = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isBusy = (error: unknown): boolean => (resultCode(error) & 0xff) === SQLITE_BUSY;

/** What an error of SQLite means to who asked, where it is certain that nothing was committed. */
export const failureOf = (error: unknown): Failure => {
  const primary = resultCode(error) & 0xff;
  if (primary === SQLITE_FULL) {
    return {
      code: 'store_full',
      message: 'The disk of the event store is full; nothing was appended. Make space.',
    };
  }
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) {
    return { code: 'store_corrupt', message: `The event store is damaged (${reason(error)}); restore it.` };
  }
  return { code: 'store_unavailable', message: `The event store refused (${reason(error)}); try again.` };
};

/**
 * True where a failed COMMIT surely left no whole commit frame in the write-ahead log: the frame is the
 * last thing written, so a write that failed didn't complete it. After a failed fsync it may lie there, and
 * come back when the file is opened again.
 */
export const surelyNotCommitted = (error: unknown): boolean => {
  const code = resultCode(error);
  return (code & 0xff) === SQLITE_FULL || code === SQLITE_IOERR_WRITE || isBusy(error);
};

/** What a failed fsync looks like: fault injection. */
export const unconfirmed = (): Error =>
  Object.assign(new Error('disk I/O error'), { errcode: SQLITE_IOERR_FSYNC });

/** The COMMIT failed in a way that leaves open what a reopened file will hold. */
export const uncertainFailure = (error: unknown): Failure => ({
  code: 'append_uncertain',
  message: `The disk didn't confirm a commit (${reason(error)}); restart, then reload the stream.`,
});

export const POISONED: Failure = {
  code: 'store_unavailable',
  message:
    'The disk failed to confirm an earlier commit; the store takes nothing more until it is restarted.',
};

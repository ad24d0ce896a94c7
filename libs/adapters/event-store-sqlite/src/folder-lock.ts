import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@countersign/event-store';
import { isBusy } from './sqlite-failure.ts';

/** Creates the folder (0700) where it is missing, and tightens one that others could enter. */
export const privateFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
};

/** Creates the file (0600) where it is missing; SQLite gives its companions the same mode. */
export const privateFile = (path: string): void => {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
};

export interface FolderLock {
  release(): void;
}

/**
 * Holds a folder for the life of this process, by a lock of the operating system (fcntl, taken through
 * SQLite): SIGKILL releases it, so none ever stays behind. A folder that is held is `store_locked`.
 */
export const lockFolder = (folder: string): FolderLock => {
  const path = join(folder, 'lock.db');
  privateFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    throw new EventStoreError(
      'store_locked',
      `Another process works in ${folder}; stop it, or use another data folder.`,
      { cause },
    );
  }
  return { release: () => lock.close() };
};

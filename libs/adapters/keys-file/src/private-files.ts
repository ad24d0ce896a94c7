import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '@countersign/kernel';

const GROUP_OR_OTHERS = 0o077;
const GROUP_OR_OTHERS_WRITE = 0o022;

const refuse = (path: string, what: string, remedy: string): CodedError<'key_permissions'> =>
  new CodedError(
    'key_permissions',
    `${path} ${what}: others could use or plant a key. Set it with ${remedy} ${path}, and rotate the key.`,
    { field: path },
  );

/** The owner can do anything with it, whatever its mode says. Root can anyway. */
const requireOwn = (path: string, { uid }: Stats): void => {
  const ours = process.geteuid?.() ?? uid;
  if (uid !== ours && uid !== 0) throw refuse(path, `belongs to user ${uid}`, `chown ${ours}`);
};

const FORBIDDEN: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS'];

const codeOfError = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Whether an operation failed because nothing may be written there. */
export const isForbidden = (error: unknown): boolean => FORBIDDEN.includes(codeOfError(error));

const isOnReadOnlyMount = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return codeOfError(error) === 'EROFS';
  }
};

/** Mounted for reading alone, as secrets are: whatever the mode says, nobody changes it from here. */
const isMountedReadOnly = (path: string): boolean => [path, dirname(path)].some(isOnReadOnlyMount);

/** On a mount for reading the group may read: that is how a secret comes to a container that isn't root. */
const OTHERS = 0o007;

const requireNone = (forbidden: number, path: string, remedy: string): void => {
  const stats = statSync(path);
  requireOwn(path, stats);
  if ((stats.mode & forbidden) === 0) return;
  if (isMountedReadOnly(path) && (stats.isDirectory() || (stats.mode & forbidden & OTHERS) === 0)) return;
  throw refuse(path, `has mode ${(stats.mode & 0o777).toString(8)}`, remedy);
};

/** Refuses what others may read, or enter. */
export const requirePrivate = (path: string): void => requireNone(GROUP_OR_OTHERS, path, 'chmod go=');

/** Refuses what others may change: who plants a public key can sign for a service. */
export const requireUnwritable = (path: string): void =>
  requireNone(GROUP_OR_OTHERS_WRITE, path, 'chmod go-w');

const fsyncPath = (path: string): void => {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
};

export const makeFolder = (path: string, mode: number): void => {
  mkdirSync(path, { recursive: true, mode });
};

const writeTemporary = (path: string, text: string, mode: number): string => {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return temporary;
};

/** Creates the file whole or not at all; false where it was there already, and stays as it is. */
export const createFile = (path: string, text: string, mode: number): boolean => {
  const temporary = writeTemporary(path, text, mode);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (codeOfError(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary);
  }
  fsyncPath(dirname(path));
  return true;
};

/** Replaces the file by a whole one. */
export const replaceFile = (path: string, text: string, mode: number): void => {
  renameSync(writeTemporary(path, text, mode), path);
  fsyncPath(dirname(path));
};

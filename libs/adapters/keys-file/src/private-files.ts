import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '@countersign/kernel';

const GROUP_OR_OTHERS = 0o077;
const GROUP_OR_OTHERS_WRITE = 0o022;

const refuse = (path: string, mode: number, remedy: string): CodedError<'key_permissions'> =>
  new CodedError(
    'key_permissions',
    `${path} has mode ${(mode & 0o777).toString(8)}: others could use or plant a key. Set it with ${remedy} ${path}, and rotate the key.`,
    { field: path },
  );

/** Refuses what others may read, or enter. */
export const requirePrivate = (path: string): void => {
  const { mode } = statSync(path);
  if ((mode & GROUP_OR_OTHERS) !== 0) throw refuse(path, mode, 'chmod go=');
};

/** Refuses what others may change: who plants a public key can sign for a service. */
export const requireUnwritable = (path: string): void => {
  const { mode } = statSync(path);
  if ((mode & GROUP_OR_OTHERS_WRITE) !== 0) throw refuse(path, mode, 'chmod go-w');
};

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
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
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

import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../cli-error.ts';
import { rawOutput } from '../terminal.ts';

/** A file's name that means standard input or output. */
export const STANDARD = '-';

/**
 * Writes chunks to a file that only its owner can read, or to standard output. A file is there whole or not at
 * all, and one that is there already is left alone.
 */
export const writeArchive = async (chunks: AsyncIterable<string>, path: string): Promise<void> => {
  if (path === STANDARD) return pipeline(chunks, rawOutput(), { end: false });
  if (existsSync(path)) {
    throw new CliError('usage', `${path} is there already; name a new file.`, { field: 'file' });
  }
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(chunks, createWriteStream(unfinished, { mode: 0o600, flush: true }));
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
};

export const readArchive = (path: string): Readable =>
  path === STANDARD ? process.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 });

/** Says which file can't be read before anything is made or opened for it. */
export const requireReadable = (path: string): void => {
  if (path === STANDARD || existsSync(path)) return;
  throw new CliError('usage', `There is no file ${path}.`, { field: 'file' });
};

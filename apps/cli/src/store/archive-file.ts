import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
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
  // Opened before anything can fail: a stream that opens it itself may still make it after it was removed.
  const file = await open(unfinished, 'w', 0o600);
  try {
    await pipeline(chunks, file.createWriteStream({ flush: true }));
    renameSync(unfinished, path);
  } catch (error) {
    await file.close();
    rmSync(unfinished, { force: true });
    throw error;
  }
};

export const readArchive = (path: string): Readable =>
  path === STANDARD ? process.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 });

/** Says what is missing before anything is made or opened. */
export const requireThere = (path: string, field: string): void => {
  if (!existsSync(path)) throw new CliError('usage', `There is no ${path}.`, { field });
};

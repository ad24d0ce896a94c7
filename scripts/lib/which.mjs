import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Where package managers put servers, whether or not this user's PATH says so.
const usual = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of a program, or undefined. */
export const which = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), ...usual]
    .filter(Boolean)
    .map((folder) => join(folder, program))
    .find(isExecutable);

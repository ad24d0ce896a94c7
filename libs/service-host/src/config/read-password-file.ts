import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** The password in the file that a variable names; a file that can't be read is a `ConfigError` that names it. */
export const readPasswordFile = (variable: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (cause) {
    throw new ConfigError(variable, `${path} can't be read.`, cause);
  }
};

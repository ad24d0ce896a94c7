import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** A group may read it: that is how a secret is mounted for a container that isn't root. */
const GROUP_WRITE_OR_OTHERS = 0o027;

/** A `ConfigError` where others than the owner and the group may read the file. */
export const requireHidden = (variable: string, path: string): void => {
  const { mode } = statSync(path);
  if ((mode & GROUP_WRITE_OR_OTHERS) === 0) return;
  throw new ConfigError(
    variable,
    `${path} has mode ${(mode & 0o777).toString(8)}: others could be this service. Make a new one, with mode 600.`,
  );
};

/** The secret in a file that only its owner may read; a `ConfigError` that names the variable, never the secret. */
export const readSecretFile = (variable: string, path: string): string => {
  let secret: string;
  try {
    requireHidden(variable, path);
    secret = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(variable, `${path} can't be read.`, cause);
  }
  if (secret !== '') return secret;
  throw new ConfigError(variable, `${path} is empty; write the secret into it.`);
};

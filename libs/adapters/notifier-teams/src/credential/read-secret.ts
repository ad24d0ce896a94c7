import { readFileSync, statSync } from 'node:fs';
import { CodedError } from '@countersign/kernel';

/** A group may read it: that is how a secret is mounted for a container that isn't root. */
const GROUP_WRITE_OR_OTHERS = 0o027;

export type SecretSetting = 'clientSecretFile' | 'privateKeyFile';

/** The secret in a file that others can't read; never part of a message. */
export const readSecret = (path: string, setting: SecretSetting = 'clientSecretFile'): string => {
  const unusable = (why: string, cause?: unknown): CodedError<'secret_unusable'> =>
    new CodedError('secret_unusable', `Teams' ${setting} ${path} ${why}`, { cause });
  let mode: number;
  let secret: string;
  try {
    ({ mode } = statSync(path));
    secret = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw unusable("can't be read.", cause);
  }
  if ((mode & GROUP_WRITE_OR_OTHERS) !== 0)
    throw unusable('can be read by others: make a new secret, with mode 600.');
  if (secret === '') throw unusable('is empty; it must hold the secret and nothing else.');
  return secret;
};

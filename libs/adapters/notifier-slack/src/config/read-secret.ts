import { readFileSync, statSync } from 'node:fs';
import { CodedError } from '@countersign/kernel';

/** A group may read it: that is how a secret is mounted for a container that isn't root. */
const GROUP_WRITE_OR_OTHERS = 0o027;

/** What a file holds, trimmed; `invalid_setting` names the file, and never what stands in it. */
export const readSecret = (field: string, path: string, pattern: RegExp): string => {
  const secret = contentOf(field, path);
  if (pattern.test(secret)) return secret;
  throw new CodedError('invalid_setting', `${path} doesn't hold what Slack calls a ${field}.`, { field });
};

const contentOf = (field: string, path: string): string => {
  try {
    const { mode } = statSync(path);
    if ((mode & GROUP_WRITE_OR_OTHERS) !== 0) {
      const message = `${path} can be read by others, who could be this app. Make a new ${field}, with mode 600.`;
      throw new CodedError('invalid_setting', message, { field });
    }
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('invalid_setting', `${path} can't be read; it has to hold the ${field}.`, {
      field,
      cause,
    });
  }
};

export const BOT_TOKEN = /^xoxb-[\x21-\x7E]{1,300}$/;
export const APP_TOKEN = /^xapp-[\x21-\x7E]{1,300}$/;
export const SIGNING_SECRET = /^[\x21-\x7E]{8,200}$/;

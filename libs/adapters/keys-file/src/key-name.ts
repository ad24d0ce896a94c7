import { CodedError } from '@countersign/kernel';

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** What a key is for: a service's name for its appends, or a kind of token (`grant-token`, `receipt`). */
export const requireKeyName = (name: string): void => {
  if (NAME.test(name)) return;
  throw new CodedError('invalid_key_name', `"${name}" names no key; write it like grant-token.`, {
    field: 'name',
  });
};

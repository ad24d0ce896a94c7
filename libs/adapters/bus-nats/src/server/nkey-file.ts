import { readFileSync, writeFileSync } from 'node:fs';
import { CodedError } from '@countersign/kernel';
import { nkeys } from '@nats-io/transport-node';

const utf8 = new TextEncoder();

/** Makes an NKey of a user, writes its seed (0600, never over another file) and gives the public key. */
export const createNkeyFile = (path: string): string => {
  const pair = nkeys.createUser();
  writeFileSync(path, `${new TextDecoder().decode(pair.getSeed())}\n`, { mode: 0o600, flag: 'wx' });
  return pair.getPublicKey();
};

/** The seed in a file; `invalid_nkey` where it holds none of a user. The error never repeats the content. */
export const readNkeySeed = (path: string): Uint8Array => {
  const { seed } = readNkey(path);
  return seed;
};

/** The public key of the seed in a file; `invalid_nkey` likewise. */
export const readNkeyPublicKey = (path: string): string => readNkey(path).publicKey;

const readNkey = (path: string): { readonly seed: Uint8Array; readonly publicKey: string } => {
  const seed = utf8.encode(readFileSync(path, 'utf8').trim());
  const publicKey = publicKeyOf(seed);
  if (publicKey?.startsWith('U') === true) return { seed, publicKey };
  throw new CodedError('invalid_nkey', `${path} holds no NKey seed of a user; one begins with SU.`, {
    field: path,
  });
};

const publicKeyOf = (seed: Uint8Array): string | undefined => {
  try {
    return nkeys.fromSeed(seed).getPublicKey();
  } catch {
    // What the library says may repeat part of the seed.
    return undefined;
  }
};

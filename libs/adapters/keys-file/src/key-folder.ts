import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/kernel';
import { requireKeyName } from './key-name.ts';
import { createFile, makeFolder, replaceFile, requirePrivate, requireUnwritable } from './private-files.ts';
import { toSigningKey, type SigningKey } from './signing-key.ts';

/** `<folder>/<name>.pem` (0600 in 0700) signs; `<folder>/public/<name>.<kid>.json` verifies, retired keys too. */
const privatePath = (folder: string, name: string): string => join(folder, `${name}.pem`);

export const publicFolder = (folder: string): string => join(folder, 'public');

const prepare = (folder: string, name: string): void => {
  requireKeyName(name);
  makeFolder(folder, 0o700);
  requirePrivate(folder);
  makeFolder(publicFolder(folder), 0o755);
  requireUnwritable(publicFolder(folder));
};

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

const toPem = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

const parsePem = (path: string): KeyObject => {
  requirePrivate(path);
  try {
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new CodedError('invalid_key', `${path} holds no private key; restore it from a backup.`, {
      field: path,
      cause,
    });
  }
};

const publish = (folder: string, key: SigningKey): SigningKey => {
  const path = join(publicFolder(folder), `${key.name}.${key.kid}.json`);
  createFile(path, `${JSON.stringify(key.publicJwk)}\n`, 0o644);
  return key;
};

/**
 * The key of this name, made at the first call. Two processes that race get the same key, and a crash
 * leaves a whole key or none. Its public half is published before it is returned, so nothing is ever signed
 * that others can't verify. Files that others may read are refused with `key_permissions`.
 */
export const loadOrCreateKey = (folder: string, name: string): SigningKey => {
  prepare(folder, name);
  const path = privatePath(folder, name);
  if (!existsSync(path)) createFile(path, toPem(newKey()), 0o600);
  return publish(folder, toSigningKey(name, parsePem(path)));
};

/** Replaces the key by a new one; the old public half stays, so that what it signed still verifies. */
export const rotateKey = (folder: string, name: string): SigningKey => {
  prepare(folder, name);
  const privateKey = newKey();
  const key = publish(folder, toSigningKey(name, privateKey));
  replaceFile(privatePath(folder, name), toPem(privateKey), 0o600);
  return key;
};

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/kernel';
import { requireKeyName } from './key-name.ts';
import {
  createFile,
  isForbidden,
  makeFolder,
  replaceFile,
  requirePrivate,
  requireUnwritable,
} from './private-files.ts';
import { toSigningKey, type SigningKey } from './signing-key.ts';

/** `<folder>/<name>.pem` (0600 in 0700) signs; `<published>/<name>.<kid>.json` verifies, retired keys too. */
export const privatePath = (folder: string, name: string): string => join(folder, `${name}.pem`);

/** Where a folder's public halves are published unless somewhere else is named. */
export const publicFolderOf = (folder: string): string => join(folder, 'public');

interface Refusal {
  readonly code: 'key_missing' | 'key_unpublished';
  readonly remedy: string;
}

const MISSING: Refusal = { code: 'key_missing', remedy: 'Put the key there' };
const UNPUBLISHED: Refusal = { code: 'key_unpublished', remedy: 'Publish the key there' };

const orRefuse = (path: string, { code, remedy }: Refusal, make: () => unknown): void => {
  try {
    make();
  } catch (cause) {
    if (!isForbidden(cause)) throw cause;
    throw new CodedError(
      code,
      `${path} doesn't exist, and can't be made. ${remedy}, as "countersign keys create" does.`,
      { field: path, cause },
    );
  }
};

const prepare = (folder: string, name: string, published: string): void => {
  requireKeyName(name);
  orRefuse(folder, MISSING, () => makeFolder(folder, 0o700));
  requirePrivate(folder);
  orRefuse(published, UNPUBLISHED, () => makeFolder(published, 0o755));
  requireUnwritable(published);
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

const create = (path: string): void => {
  if (existsSync(path)) return;
  orRefuse(path, MISSING, () => createFile(path, toPem(newKey()), 0o600));
};

const publish = (published: string, key: SigningKey): SigningKey => {
  const path = join(published, `${key.name}.${key.kid}.json`);
  const text = `${JSON.stringify(key.publicJwk)}\n`;
  if (!existsSync(path)) orRefuse(path, UNPUBLISHED, () => createFile(path, text, 0o644));
  return key;
};

/**
 * The key of this name, made at the first call. Two processes that race get the same key, and a crash
 * leaves a whole key or none. Its public half is published before it is returned, so nothing is ever signed
 * that others can't verify. Files that others may read are refused with `key_permissions`. Folders that
 * can't be written to do where the key stands in them already: else `key_missing` or `key_unpublished`.
 */
export const loadOrCreateKey = (
  folder: string,
  name: string,
  published = publicFolderOf(folder),
): SigningKey => {
  prepare(folder, name, published);
  const path = privatePath(folder, name);
  create(path);
  return publish(published, toSigningKey(name, parsePem(path)));
};

/** Replaces the key by a new one; the old public half stays, so that what it signed still verifies. */
export const rotateKey = (folder: string, name: string, published = publicFolderOf(folder)): SigningKey => {
  prepare(folder, name, published);
  const privateKey = newKey();
  const key = publish(published, toSigningKey(name, privateKey));
  replaceFile(privatePath(folder, name), toPem(privateKey), 0o600);
  return key;
};

import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, isJsonObject, type KeyRing, type ServiceName } from '@countersign/kernel';
import { publicFolderOf } from './key-folder.ts';
import { requireUnwritable } from './private-files.ts';
import { toPublicJwk, type PublicJwk } from './signing-key.ts';

export interface PublicKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** Coarser than any file system's time stamps. */
const SETTLED_MS = 2_000;

const FILE = /^([a-z][a-z0-9-]*)\.([A-Za-z0-9_-]{43})\.json$/;

const readKey = (path: string, kid: string): PublicKey => {
  requireUnwritable(path);
  try {
    const jwk: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isJsonObject(jwk)) throw new TypeError('no object');
    const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const publicJwk = toPublicJwk(publicKey);
    if (publicJwk.kid === kid) return { kid, publicKey, publicJwk };
    throw new TypeError('the name tells another key than the content');
  } catch (cause) {
    throw new CodedError('invalid_key', `${path} holds no such public key; remove or restore it.`, {
      field: path,
      cause,
    });
  }
};

/** How long a key that was taken out of the folder may still be believed. */
const LOOK_EVERY_MS = 1_000;

/**
 * The public keys of a folder, by name. A key that is published later is found when it is first met, and one that
 * is taken out counts for nothing a second later.
 */
export class FileKeyRing implements KeyRing {
  readonly #folder: string;
  #keys: ReadonlyMap<string, ReadonlyMap<string, PublicKey>> = new Map();
  #changedMs = Number.NaN;
  #lookedMs = 0;

  /** Reads all keys at once: a folder that others may write to, or a file that is no key, is refused. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#load();
  }

  verify(service: ServiceName, kid: string, bytes: Uint8Array, signature: Uint8Array): boolean {
    try {
      const key = this.find(service, kid);
      return key !== undefined && verify(null, bytes, key, signature);
    } catch {
      return false;
    }
  }

  /** The public key of this name and id, for verifying tokens; undefined where there is none. */
  find(name: string, kid: string): KeyObject | undefined {
    const known = this.#keys.get(name)?.get(kid);
    if (known !== undefined && performance.now() - this.#lookedMs < LOOK_EVERY_MS) return known.publicKey;
    this.#refresh();
    return this.#keys.get(name)?.get(kid)?.publicKey;
  }

  /** All keys of this name, retired ones too, for a JWKS. */
  all(name: string): readonly PublicKey[] {
    this.#refresh();
    return [...(this.#keys.get(name)?.values() ?? [])];
  }

  /** Looks again only where the folder changed, or may have within one tick of its time: unknown ids must cost little. */
  #refresh(): void {
    const { mtimeMs } = statSync(this.#folder);
    this.#lookedMs = performance.now();
    if (mtimeMs !== this.#changedMs || Date.now() - mtimeMs < SETTLED_MS) this.#load();
  }

  #load(): void {
    const { mtimeMs } = statSync(this.#folder);
    requireUnwritable(this.#folder);
    const keys = new Map<string, Map<string, PublicKey>>();
    for (const file of readdirSync(this.#folder)) {
      const [, name, kid] = FILE.exec(file) ?? [];
      if (name === undefined || kid === undefined) continue;
      const ofName = keys.get(name) ?? new Map<string, PublicKey>();
      keys.set(name, ofName.set(kid, readKey(join(this.#folder, file), kid)));
    }
    this.#keys = keys;
    this.#lookedMs = performance.now();
    this.#changedMs = mtimeMs;
  }
}

/** The public keys that a folder of private keys has below it. */
export const loadKeyRing = (folder: string): FileKeyRing => new FileKeyRing(publicFolderOf(folder));

/** The public keys in a folder of nothing else. */
export const loadPublicKeys = (folder: string): FileKeyRing => new FileKeyRing(folder);

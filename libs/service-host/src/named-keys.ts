import type { KeyObject } from 'node:crypto';
import { SERVICE_NAMES, type KeyRing, type ServiceName, type Signer } from '@countersign/kernel';
import { loadKeyRing, loadOrCreateKey, type PublicJwk, type SigningKey } from '@countersign/keys-file';

/** A private key for signing tokens, and the id under which its public half is published. */
export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface PublicTokenKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/**
 * The keys of this process by name: a service's name for its appends, `grant-token`, `receipt`,
 * `command-notification` for tokens, `dev-issuer` in development. A key is made when first asked for; one
 * rotated meanwhile signs from the next start on, and verifies at once.
 */
export interface NamedKeys {
  signer(name: string): Promise<Signer>;
  tokenKey(name: string): Promise<TokenKey>;
  /** Every key of that name that still verifies; empty where none was ever made. */
  publicKeys(name: string): Promise<readonly PublicTokenKey[]>;
}

export interface ProcessKeys {
  readonly keys: NamedKeys;
  readonly keyRing: KeyRing;
}

/** The keys in a folder; those of the services in this process are made where they are missing. */
export const openKeys = (folder: string, services: readonly ServiceName[]): ProcessKeys => {
  const loaded = new Map<string, SigningKey>();
  const load = (name: string): SigningKey => {
    const key = loaded.get(name) ?? loadOrCreateKey(folder, name);
    loaded.set(name, key);
    return key;
  };
  for (const service of SERVICE_NAMES.filter((name) => services.includes(name))) load(service);
  const keyRing = loadKeyRing(folder);
  return {
    keyRing,
    keys: {
      signer: async (name) => load(name),
      tokenKey: async (name) => load(name),
      publicKeys: async (name) => keyRing.all(name),
    },
  };
};

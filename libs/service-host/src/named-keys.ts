import type { KeyObject } from 'node:crypto';
import { dirname } from 'node:path';
import { SERVICE_KEYS } from '@countersign/contracts';
import { CodedError, type KeyRing, type ServiceName, type Signer } from '@countersign/kernel';
import {
  DEVELOPMENT_ISSUER,
  loadOrCreateKey,
  loadPublicKeys,
  publicFolderOf,
  type PublicJwk,
  type SigningKey,
} from '@countersign/keys-file';
import { ConfigError } from './config/config-error.ts';
import type { KeysConfig, Mode } from './config/service-config.ts';

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
 * `command-notification` for tokens, `dev-issuer` in development. One rotated meanwhile signs from the next
 * start on, and verifies at once. A private key that isn't of a service of this process is `not_our_key`.
 */
export interface NamedKeys {
  signer(name: string): Promise<Signer>;
  tokenKey(name: string): Promise<TokenKey>;
  /** Every key of that name that still verifies, whoever's it is; empty where none was ever made. */
  publicKeys(name: string): Promise<readonly PublicTokenKey[]>;
}

export interface ProcessKeys {
  readonly keys: NamedKeys;
  readonly keyRing: KeyRing;
}

/**
 * The private keys of these services, made where they are missing, and everybody's public keys. In development
 * the issuer's key is made beside them, unless the public keys lie elsewhere: then it is somebody else's, and
 * its public half does.
 */
export const openKeys = (
  config: KeysConfig,
  services: readonly ServiceName[],
  mode: Mode = 'production',
): ProcessKeys => {
  const { folder, publicFolder } = config;
  const keepsIssuer = mode === 'development' && publicFolder === publicFolderOf(folder);
  const names = services.flatMap((service) => SERVICE_KEYS.get(service) ?? []);
  const own = [...names, ...(keepsIssuer ? [DEVELOPMENT_ISSUER.keyName] : [])];
  const loaded = new Map(own.map((name) => [name, load(config, name)]));
  const keyRing = loadPublicKeys(publicFolder);
  const find = async (name: string): Promise<SigningKey> => loaded.get(name) ?? notOurs(name);
  return { keyRing, keys: { signer: find, tokenKey: find, publicKeys: async (name) => keyRing.all(name) } };
};

const notOurs = (name: string): never => {
  throw new CodedError('not_our_key', `The key "${name}" isn't of a service in this process.`);
};

const load = ({ folder, publicFolder }: KeysConfig, name: string): SigningKey => {
  try {
    return loadOrCreateKey(folder, name, publicFolder);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    const isPublic = cause.field !== undefined && isWithin(publicFolder, cause.field);
    throw new ConfigError(isPublic ? 'COUNTERSIGN_PUBLIC_KEYS' : 'COUNTERSIGN_KEYS', cause.message, cause);
  }
};

const isWithin = (folder: string, path: string): boolean => path === folder || dirname(path) === folder;

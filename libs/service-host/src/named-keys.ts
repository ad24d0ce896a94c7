import type { Signer } from '@countersign/kernel';
import type { KeyObject } from 'node:crypto';

/** A private key for signing tokens, and the id under which its public half is published. */
export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface PublicTokenKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
}

/**
 * The keys of this process by name: a service's name for its appends, `grant-token`, `receipt`,
 * `command-notification` for tokens, `dev-issuer` in development. A key is made when first asked for.
 */
export interface NamedKeys {
  signer(name: string): Promise<Signer>;
  /** Signs new tokens: the newest key of that name. */
  tokenKey(name: string): Promise<TokenKey>;
  /** Every key of that name that still verifies, newest first; empty where none was ever made. */
  publicKeys(name: string): Promise<readonly PublicTokenKey[]>;
}

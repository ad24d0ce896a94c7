import type { ServiceName } from './service-name.ts';

/**
 * Signs with one Ed25519 key (RFC 8032). Deterministic: the same bytes give the same signature, so a
 * repeat after a crash is harmless. The private key never leaves the adapter.
 */
export interface Signer {
  /** Names the public key in a {@link KeyRing}. */
  readonly kid: string;
  sign(bytes: Uint8Array): Uint8Array;
}

/** The public keys by which other services' appends are verified. A retired key stays, to verify old events. */
export interface KeyRing {
  /** False for an unknown key, a key of another service, or a signature that doesn't verify. Never throws. */
  verify(service: ServiceName, kid: string, bytes: Uint8Array, signature: Uint8Array): boolean;
}

import { canonicalJson } from '@countersign/kernel';
import { v5 } from 'uuid';

/** Made once, at random, for Countersign. Changing it would give known idempotency keys new requests. */
const REQUEST_NAMESPACE = 'cccd9a72-bd46-4fc3-b3f9-1971425a7ca7';

/**
 * The id of a request that came with an idempotency key: UUIDv5 (RFC 9562 §5.5) over the RFC 8785 array
 * `[iss, sub, key]`, so that a repeat meets its own stream and nobody else's.
 */
export const requestIdFor = (iss: string, sub: string, key: string): string =>
  v5(canonicalJson([iss, sub, key]), REQUEST_NAMESPACE);

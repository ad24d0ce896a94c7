import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { IssuerConfig } from '../config/issuer-config.ts';
import { AuthenticationError } from './authentication-error.ts';
import { fileKeySet } from './file-key-set.ts';

/** Whom we believe, and by which keys. Keys come from here alone: `jku`, `x5u`, `jwk`, `x5c` are never read. */
export interface TrustedIssuer {
  readonly config: IssuerConfig;
  readonly keys: JWTVerifyGetKey;
}

export type TrustedIssuers = ReadonlyMap<string, TrustedIssuer>;

const FETCH_TIMEOUT_MS = 3_000;

const keysOf = ({ jwksFile, jwksUri }: IssuerConfig): JWTVerifyGetKey => {
  if (jwksFile !== undefined) return fileKeySet(jwksFile);
  if (jwksUri !== undefined)
    return createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: FETCH_TIMEOUT_MS });
  return createLocalJWKSet({ keys: [] });
};

/** These say something about the token; anything else that goes wrong while finding a key is our side's. */
const TOKENS_FAULT = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

const sayingWhoseFault =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (TOKENS_FAULT.some((fault) => cause instanceof fault)) throw cause;
      throw new AuthenticationError('issuer_unavailable', cause);
    }
  };

export const trustIssuers = (configs: readonly IssuerConfig[]): TrustedIssuer[] =>
  configs.map((config) => ({ config, keys: sayingWhoseFault(keysOf(config)) }));

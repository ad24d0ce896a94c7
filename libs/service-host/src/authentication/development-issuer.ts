import { PRINCIPAL_KINDS } from '@countersign/domain-directory';
import type { Clock } from '@countersign/kernel';
import { DEVELOPMENT_ISSUER, signDevelopmentToken, type DevelopmentIdentity } from '@countersign/keys-file';
import { errors } from 'jose';
import type { IssuerConfig } from '../config/issuer-config.ts';
import type { NamedKeys } from '../named-keys.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

const CONFIG: IssuerConfig = {
  issuer: DEVELOPMENT_ISSUER.issuer,
  audience: DEVELOPMENT_ISSUER.audience,
  algorithms: [DEVELOPMENT_ISSUER.algorithm],
  typ: DEVELOPMENT_ISSUER.typ,
  kinds: [...PRINCIPAL_KINDS],
  claims: {},
};

/**
 * Signs for anybody named: whoever can read its key in the data folder is whoever they like. Built in
 * development mode only; in production no verifier knows it.
 */
export class DevelopmentIssuer {
  readonly #keys: NamedKeys;
  readonly #clock: Clock;

  constructor(keys: NamedKeys, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  async mint(identity: DevelopmentIdentity): Promise<string> {
    const key = await this.#keys.tokenKey(DEVELOPMENT_ISSUER.keyName);
    return signDevelopmentToken(key, identity, this.#clock.nowMs());
  }

  /** Makes the key where there is none, so that `countersign token` finds it. */
  async trusted(): Promise<TrustedIssuer> {
    await this.#keys.tokenKey(DEVELOPMENT_ISSUER.keyName);
    return {
      config: CONFIG,
      keys: async ({ kid }) => {
        const known = await this.#keys.publicKeys(DEVELOPMENT_ISSUER.keyName);
        const key = known.find((candidate) => candidate.kid === kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key.publicKey;
      },
    };
  }
}

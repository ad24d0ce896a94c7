import { PRINCIPAL_KINDS } from '@countersign/domain-directory';
import { formatEntity, type Clock, type EntityRef } from '@countersign/kernel';
import { errors, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import type { IssuerConfig } from '../config/issuer-config.ts';
import type { NamedKeys } from '../named-keys.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

export const DEVELOPMENT_ISSUER = 'urn:countersign:development';
const KEY_NAME = 'dev-issuer';

export const DEVELOPMENT_ISSUER_CONFIG: IssuerConfig = {
  issuer: DEVELOPMENT_ISSUER,
  audience: 'countersign',
  algorithms: ['EdDSA'],
  typ: 'countersign-identity+jwt',
  kinds: [...PRINCIPAL_KINDS],
  claims: {},
};

export interface DevelopmentToken {
  readonly as: EntityRef;
  /** Id of the person acting through a requester. */
  readonly initiator?: string | undefined;
  readonly ttlMs: number;
}

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

  async mint({ as, initiator, ttlMs }: DevelopmentToken): Promise<string> {
    const { kid, privateKey } = await this.#keys.tokenKey(KEY_NAME);
    const nowS = Math.floor(this.#clock.nowMs() / 1_000);
    const act =
      initiator === undefined ? {} : { act: { sub: formatEntity({ type: 'User', id: initiator }) } };
    return new SignJWT(act)
      .setProtectedHeader({ alg: 'EdDSA', typ: DEVELOPMENT_ISSUER_CONFIG.typ, kid })
      .setIssuer(DEVELOPMENT_ISSUER)
      .setAudience(DEVELOPMENT_ISSUER_CONFIG.audience)
      .setSubject(formatEntity(as))
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + Math.ceil(ttlMs / 1_000))
      .setJti(randomUUID())
      .sign(privateKey);
  }

  /** Makes the key where there is none, so that `countersign token` finds it. */
  async trusted(): Promise<TrustedIssuer> {
    await this.#keys.tokenKey(KEY_NAME);
    return {
      config: DEVELOPMENT_ISSUER_CONFIG,
      keys: async ({ kid }) => {
        const key = (await this.#keys.publicKeys(KEY_NAME)).find((candidate) => candidate.kid === kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key.publicKey;
      },
    };
  }
}

import { PRINCIPAL_KINDS } from '@countersign/domain-directory';
import { DEVELOPMENT_ISSUER } from '@countersign/keys-file';
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
 * The issuer whose key lies in the data folder: whoever can read that key is whoever they like. Trusted in
 * development mode only. A service apart has no more of it than the public half.
 */
export const trustDevelopmentIssuer = (keys: Pick<NamedKeys, 'publicKeys'>): TrustedIssuer => ({
  config: CONFIG,
  keys: async ({ kid }) => {
    const known = await keys.publicKeys(DEVELOPMENT_ISSUER.keyName);
    const key = known.find((candidate) => candidate.kid === kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  },
});

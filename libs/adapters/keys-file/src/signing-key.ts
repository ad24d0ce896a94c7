import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { CodedError, sha256, canonicalJson, type Signer } from '@countersign/kernel';

/** An Ed25519 public key as a JWK (RFC 8037), as it stands in `public/` and in a JWKS. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

/** A key that signs, and what others need to verify it. The `KeyObject`s serve jose as they are. */
export interface SigningKey extends Signer {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** RFC 7638: SHA-256 over the required members in lexicographic order, which RFC 8785 writes alike. */
export const thumbprint = (x: string): string => sha256(canonicalJson({ crv: 'Ed25519', kty: 'OKP', x }));

export const toPublicJwk = (publicKey: KeyObject): PublicJwk => {
  const { x } = publicKey.export({ format: 'jwk' });
  if (publicKey.asymmetricKeyType !== 'ed25519' || x === undefined) {
    throw new CodedError('invalid_key', 'The key is no Ed25519 key; remove the file to have a new one made.');
  }
  return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(x), alg: 'EdDSA', use: 'sig' };
};

export const toSigningKey = (name: string, privateKey: KeyObject): SigningKey => {
  const publicKey = createPublicKey(privateKey);
  const publicJwk = toPublicJwk(publicKey);
  return {
    name,
    kid: publicJwk.kid,
    privateKey,
    publicKey,
    publicJwk,
    sign: (bytes) => sign(null, bytes, privateKey),
  };
};

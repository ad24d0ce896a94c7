import { sign, type KeyObject } from 'node:crypto';
import { GRANT_TOKEN_KEY } from '@countersign/contracts';
import type { Grant } from '@countersign/domain-grant';
import { CodedError, formatEntity, toEpochMs, type Timestamp } from '@countersign/kernel';
import type { NamedKeys } from '@countersign/service-host';
import { compactVerify } from 'jose';
import { z } from 'zod';

export const ACTION_TOKEN_TYP = 'countersign-grant+jwt';
export const ACTION_TOKEN_ISSUER = 'urn:countersign:credentials';
export const ACTION_TOKEN_AUDIENCE = 'urn:countersign:pep';

const ALG = 'EdDSA';

const seconds = (time: Timestamp): number => Math.floor(toEpochMs(time) / 1_000);

const tokenClaims = z.strictObject({
  iss: z.literal(ACTION_TOKEN_ISSUER),
  aud: z.literal(ACTION_TOKEN_AUDIENCE),
  /** Who may redeem, in Cedar's notation. */
  sub: z.string(),
  jti: z.string(),
  gid: z.uuid(),
  rid: z.uuid(),
  /** Digest of the one action it is good for. */
  dig: z.string(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
});

export interface ActionTokenClaims {
  readonly grantId: string;
  readonly jti: string;
}

const invalid = (cause?: unknown): CodedError =>
  new CodedError('token_invalid', 'This is no action token of ours; claim the grant to get one.', {
    field: 'token',
    cause,
  });

/**
 * The action token: a JWT (RFC 7519, EdDSA) of a type, audience and key that nothing else has. It proves
 * which grant is meant and that its bearer was given it; whether the grant still stands, its stream tells.
 */
export class ActionTokens {
  readonly #keys: Pick<NamedKeys, 'tokenKey' | 'publicKeys'>;

  constructor(keys: Pick<NamedKeys, 'tokenKey' | 'publicKeys'>) {
    this.#keys = keys;
  }

  /** The claims that were issued, signed by the newest key: the same claims each time. */
  async sign({ opened, token }: Extract<Grant, { status: 'open' }>): Promise<string> {
    if (token === undefined) throw new CodedError('token_missing', 'No token was issued for this grant.');
    const { kid, privateKey } = await this.#keys.tokenKey(GRANT_TOKEN_KEY);
    const issuedAt = seconds(token.issuedAt);
    const claims = {
      iss: ACTION_TOKEN_ISSUER,
      aud: ACTION_TOKEN_AUDIENCE,
      sub: formatEntity(opened.redeemer),
      jti: token.jti,
      gid: opened.grantId,
      rid: opened.requestId,
      dig: opened.digest,
      iat: issuedAt,
      nbf: issuedAt,
      exp: seconds(token.expiresAt),
    } satisfies z.infer<typeof tokenClaims>;
    return compactJws({ alg: ALG, typ: ACTION_TOKEN_TYP, kid }, claims, privateKey);
  }

  /**
   * `token_invalid` for anything that isn't one. Its times aren't asked: a grant that was revoked or redeemed
   * is to be answered as such also after its time, so the grant itself answers for all of it.
   */
  async verify(token: string): Promise<ActionTokenClaims> {
    const { payload, protectedHeader } = await this.#verifySignature(token);
    if (protectedHeader.typ !== ACTION_TOKEN_TYP) throw invalid();
    const { gid, jti } = parseClaims(payload);
    return { grantId: gid, jti };
  }

  async #verifySignature(token: string): ReturnType<typeof compactVerify> {
    try {
      return await compactVerify(token, ({ kid }) => this.#keyOf(kid), { algorithms: [ALG] });
    } catch (error) {
      throw invalid(error);
    }
  }

  /** By its id among our own keys; keys that a token brings along or points to are never looked at. */
  async #keyOf(kid: string | undefined): Promise<KeyObject> {
    const published = await this.#keys.publicKeys(GRANT_TOKEN_KEY);
    const key = published.find((candidate) => candidate.kid === kid);
    if (key === undefined) throw invalid();
    return key.publicKey;
  }
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** RFC 7515 §7.1, signed at once: a round trip through the thread pool takes many times what Ed25519 does. */
const compactJws = (header: object, claims: object, key: KeyObject): string => {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
};

const parseClaims = (payload: Uint8Array): z.infer<typeof tokenClaims> => {
  try {
    return tokenClaims.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
  } catch (cause) {
    throw invalid(cause);
  }
};

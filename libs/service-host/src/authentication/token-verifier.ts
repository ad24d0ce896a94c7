import type { Clock } from '@countersign/kernel';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { AuthenticationError } from './authentication-error.ts';
import type { TrustedIssuer, TrustedIssuers } from './trusted-issuers.ts';
import { initiatorOf, type VerifiedIdentity } from './verified-identity.ts';

const MAX_TOKEN_LENGTH = 16_384;
/** How far an issuer's clock may run ahead of ours. An expired token has no leeway. */
const LEEWAY_S = 5;

/**
 * Verifies an identity token (RFC 7519, by RFC 8725's rules): the issuer is one we trust, the key is
 * that issuer's, algorithm, `typ` and audience are the ones pinned for it, and its time is now. Every
 * failure is one of few constant codes.
 */
export class TokenVerifier {
  readonly #issuers: TrustedIssuers;
  readonly #clock: Clock;

  constructor(issuers: readonly TrustedIssuer[], clock: Clock) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.config.issuer, issuer]));
    this.#clock = clock;
  }

  async verify(token: string): Promise<VerifiedIdentity> {
    const { config, keys } = this.#claimedIssuer(token);
    const nowMs = this.#clock.nowMs();
    const payload = await verifySignature(token, keys, {
      algorithms: [...config.algorithms],
      issuer: config.issuer,
      audience: config.audience,
      typ: config.typ,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(nowMs),
    });
    const expiresAtMs = requireTime(payload, nowMs);
    if (typeof payload.sub !== 'string' || payload.sub === '') throw new AuthenticationError('token_invalid');
    return {
      issuer: config,
      identity: { issuer: config.issuer, sub: payload.sub },
      initiator: initiatorOf(payload, config),
      expiresAtMs,
    };
  }

  /** Read before anything is verified, only to choose the keys; jwtVerify then holds the token to it. */
  #claimedIssuer(token: string): TrustedIssuer {
    if (token.length > MAX_TOKEN_LENGTH) throw new AuthenticationError('token_invalid');
    const issuer = this.#issuers.get(claimsOf(token).iss ?? '');
    if (issuer === undefined) throw new AuthenticationError('token_invalid');
    return issuer;
  }
}

/** No extension is understood here, so a token that names a critical one (RFC 7515 §4.1.11) is refused. */
const claimsOf = (token: string): JWTPayload => {
  try {
    if (decodeProtectedHeader(token).crit !== undefined) throw new AuthenticationError('token_invalid');
    return decodeJwt(token);
  } catch (cause) {
    throw new AuthenticationError('token_invalid', cause);
  }
};

const requireTime = ({ exp, iat }: JWTPayload, nowMs: number): number => {
  const expiresAtMs = (exp ?? 0) * 1_000;
  if (expiresAtMs <= nowMs) throw new AuthenticationError('token_expired');
  if (iat !== undefined && (iat - LEEWAY_S) * 1_000 > nowMs) throw new AuthenticationError('token_invalid');
  return expiresAtMs;
};

const verifySignature = async (
  token: string,
  keys: TrustedIssuer['keys'],
  options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> => {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (cause) {
    if (cause instanceof AuthenticationError) throw cause;
    throw new AuthenticationError(
      cause instanceof errors.JWTExpired ? 'token_expired' : 'token_invalid',
      cause,
    );
  }
};

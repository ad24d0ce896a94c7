import type { Identity } from '@countersign/domain-directory';
import { isJsonObject } from '@countersign/kernel';
import type { JWTPayload } from 'jose';
import type { IssuerConfig } from '../config/issuer-config.ts';
import { AuthenticationError } from './authentication-error.ts';

/** What a token proved, before the directory is asked who that is. */
export interface VerifiedIdentity {
  readonly issuer: IssuerConfig;
  readonly identity: Identity;
  readonly initiator: Identity | undefined;
  readonly expiresAtMs: number;
}

const textClaim = (value: unknown): string => {
  if (typeof value !== 'string' || value === '') throw new AuthenticationError('token_invalid');
  return value;
};

/**
 * RFC 8693's one actor. Behind a chain of them (§4.1) more than one person may stand, and only one could be
 * kept from approving: such a token is refused.
 */
const actorClaim = (payload: JWTPayload, issuer: string): Identity | undefined => {
  const { act } = payload;
  if (act === undefined) return undefined;
  if (!isJsonObject(act) || act['act'] !== undefined) throw new AuthenticationError('token_invalid');
  return { issuer: act['iss'] === undefined ? issuer : textClaim(act['iss']), sub: textClaim(act['sub']) };
};

const mappedClaim = (payload: JWTPayload, { issuer, claims }: IssuerConfig): Identity | undefined => {
  if (claims.initiator === undefined || payload[claims.initiator] === undefined) return undefined;
  return { issuer: claims.initiatorIssuer ?? issuer, sub: textClaim(payload[claims.initiator]) };
};

/** The person acting through a requester: the mapped claim or RFC 8693 `act`. Two that differ prove nothing. */
export const initiatorOf = (payload: JWTPayload, issuer: IssuerConfig): Identity | undefined => {
  const actor = actorClaim(payload, issuer.issuer);
  const mapped = mappedClaim(payload, issuer);
  if (actor === undefined || mapped === undefined) return mapped ?? actor;
  if (actor.issuer === mapped.issuer && actor.sub === mapped.sub) return mapped;
  throw new AuthenticationError('token_invalid');
};

import { randomUUID, type KeyObject } from 'node:crypto';
import { canonicalDigest, type Json, type ServiceName } from '@countersign/kernel';
import { SignJWT } from 'jose';

export const COMMAND_PROOF_TYP = 'countersign-command+jwt';
export const COMMAND_PROOF_ALG = 'EdDSA';
/** Seconds from issue to expiry. */
export const COMMAND_PROOF_LIFETIME_S = 60;

export const commandPrincipal = (service: ServiceName): string => `countersign/${service}`;

/** Who clicked, as the channel itself names him; the receiver looks the person up in the directory. */
export interface ChannelIdentity {
  readonly kind: 'slack' | 'teams';
  readonly tenant: string;
  readonly user: string;
}

export interface CommandProofOptions {
  /** The service that verified the click. */
  readonly service: ServiceName;
  readonly key: { readonly kid: string; readonly privateKey: KeyObject };
  /** The service that will carry the command out. */
  readonly audience: ServiceName;
  readonly natsSubject: string;
  readonly payload: Json;
  readonly channel: ChannelIdentity;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * A JWT (RFC 7519, EdDSA) by which a service vouches that a channel identity stands behind one command.
 * It is good once, for 60 s, for this subject and payload alone: issue a new one for each attempt.
 */
export const issueCommandProof = ({
  service,
  key,
  audience,
  natsSubject,
  payload,
  channel,
  nowMs,
}: CommandProofOptions): Promise<string> => {
  const issuedAt = Math.floor(nowMs / 1_000);
  const { kind, tenant, user } = channel;
  return new SignJWT({ cmd: natsSubject, ph: canonicalDigest(payload), channel: { kind, tenant, user } })
    .setProtectedHeader({ alg: COMMAND_PROOF_ALG, typ: COMMAND_PROOF_TYP, kid: key.kid })
    .setIssuer(commandPrincipal(service))
    .setAudience(commandPrincipal(audience))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + COMMAND_PROOF_LIFETIME_S)
    .setJti(randomUUID())
    .sign(key.privateKey);
};

import type { KeyObject } from 'node:crypto';
import {
  CodedError,
  MAX_SKEW_MS,
  canonicalDigest,
  isJsonObject,
  type Clock,
  type Json,
  type ServiceName,
} from '@countersign/kernel';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import {
  COMMAND_PROOF_ALG,
  COMMAND_PROOF_LIFETIME_S,
  COMMAND_PROOF_TYP,
  commandPrincipal,
  type ChannelIdentity,
} from './command-proof.ts';
import { ReplayCache } from './replay-cache.ts';

/**
 * `proof_overload`: more good proofs within a minute than can be remembered; none is accepted until the
 * oldest expire.
 */
export type CommandProofErrorCode =
  'proof_invalid' | 'proof_expired' | 'proof_replayed' | 'proof_mismatch' | 'proof_overload';

export class CommandProofError extends CodedError<CommandProofErrorCode> {
  override readonly name = 'CommandProofError';
}

export interface CommandKeys {
  /** The public Ed25519 key by which a service signs commands; undefined where it has none of that id. */
  publicKey(service: ServiceName, kid: string): KeyObject | undefined | Promise<KeyObject | undefined>;
}

export interface CommandProofVerifierOptions {
  readonly audience: ServiceName;
  /** The services whose word is taken. */
  readonly issuers: readonly ServiceName[];
  readonly keys: CommandKeys;
  readonly clock: Clock;
  /** How many proofs are remembered at once. */
  readonly capacity?: number;
}

export interface ProvenCommand {
  readonly natsSubject: string;
  readonly payload: Json;
}

export interface ProvenChannel {
  readonly service: ServiceName;
  readonly channel: ChannelIdentity;
}

const invalid = (cause?: unknown) =>
  new CommandProofError('proof_invalid', 'The proof of this command does not verify; issue a new one.', {
    cause,
  });

/**
 * Checks what {@link issueCommandProof} made: signature, then age, then what it is bound to, then that it
 * is new. A proof that fails is not remembered, so a flood of bad ones can't fill the memory. The memory
 * is this process's: another replica would take the same proof once more, for the same idempotent command.
 */
export class CommandProofVerifier {
  readonly #options: CommandProofVerifierOptions;
  readonly #seen: ReplayCache;

  constructor(options: CommandProofVerifierOptions) {
    this.#options = options;
    this.#seen = new ReplayCache(options.capacity ?? 100_000);
  }

  async verify(token: string, command: ProvenCommand): Promise<ProvenChannel> {
    const service = this.#claimedIssuer(token);
    const claims = await this.#verifySignatureAndAge(token, service);
    this.#checkBinding(claims, command);
    const channel = parseChannel(claims['channel']);
    this.#spend(service, claims);
    return { service, channel };
  }

  /** Only picks the key; the signature decides whether it is true. */
  #claimedIssuer(token: string): ServiceName {
    let issuer: string | undefined;
    try {
      issuer = decodeJwt(token).iss;
    } catch (error) {
      throw invalid(error);
    }
    const service = this.#options.issuers.find((name) => commandPrincipal(name) === issuer);
    if (service === undefined) throw invalid();
    return service;
  }

  async #verifySignatureAndAge(token: string, service: ServiceName): Promise<JWTPayload> {
    const { audience, clock, keys } = this.#options;
    const keyOf = async ({ kid }: { kid?: string }): Promise<KeyObject> => {
      const key = kid === undefined ? undefined : await keys.publicKey(service, kid);
      if (key === undefined) throw invalid();
      return key;
    };
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: [COMMAND_PROOF_ALG],
        typ: COMMAND_PROOF_TYP,
        issuer: commandPrincipal(service),
        audience: commandPrincipal(audience),
        currentDate: new Date(clock.nowMs()),
        clockTolerance: MAX_SKEW_MS / 1_000,
        maxTokenAge: COMMAND_PROOF_LIFETIME_S,
        requiredClaims: ['exp', 'jti', 'cmd', 'ph', 'channel'],
      });
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JWTExpired)) throw invalid(error);
      throw new CommandProofError('proof_expired', 'The proof of this command is too old; issue a new one.', {
        cause: error,
      });
    }
  }

  #checkBinding(claims: JWTPayload, { natsSubject, payload }: ProvenCommand): void {
    if (claims['cmd'] === natsSubject && claims['ph'] === canonicalDigest(payload)) return;
    throw new CommandProofError('proof_mismatch', 'The proof was given for another command than this one.');
  }

  #spend(service: ServiceName, { jti, exp }: JWTPayload): void {
    if (jti === undefined || jti === '' || exp === undefined) throw invalid();
    const expiresAtMs = exp * 1_000 + MAX_SKEW_MS;
    const answer = this.#seen.remember(`${service}/${jti}`, expiresAtMs, this.#options.clock.nowMs());
    if (answer === 'seen') {
      throw new CommandProofError('proof_replayed', 'This proof was used before; issue a new one.');
    }
    if (answer === 'full') {
      throw new CommandProofError('proof_overload', 'Too many commands at once; try again in a minute.');
    }
  }
}

const parseChannel = (claim: unknown): ChannelIdentity => {
  if (!isJsonObject(claim)) throw invalid();
  const { kind, tenant, user } = claim;
  if (kind !== 'slack' && kind !== 'teams') throw invalid();
  if (typeof tenant !== 'string' || typeof user !== 'string' || tenant === '' || user === '') throw invalid();
  return { kind, tenant, user };
};

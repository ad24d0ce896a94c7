import { resolvePrincipal, type DirectoryIndex, type Principal } from '@countersign/domain-directory';
import type { Clock } from '@countersign/kernel';
import { speaksFor } from '../config/issuer-config.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticator } from './authenticator.ts';
import type { Caller } from './caller.ts';
import { TokenCache } from './token-cache.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';
import type { VerifiedIdentity } from './verified-identity.ts';

export interface JwtAuthenticatorOptions {
  readonly issuers: readonly TrustedIssuer[];
  readonly clock: Clock;
  /** The active directory at this moment; undefined where no policy set is active yet. */
  readonly directory: () => Promise<DirectoryIndex | undefined>;
}

/**
 * Token → caller. What the token proves is remembered for at most a minute; who that is, is asked of the
 * active directory each time, so a person suspended or removed is refused at the next call.
 */
export class JwtAuthenticator implements Authenticator {
  readonly #verifier: TokenVerifier;
  readonly #cache = new TokenCache();
  readonly #options: JwtAuthenticatorOptions;

  constructor(options: JwtAuthenticatorOptions) {
    this.#options = options;
    this.#verifier = new TokenVerifier(options.issuers, options.clock);
  }

  async authenticate(token: string, channel: 'api' | 'nats' = 'api'): Promise<Caller> {
    const verified = await this.#verified(token);
    const principal = await this.#resolve(verified);
    if (!speaksFor(verified.issuer, principal.ref.type)) throw new AuthenticationError('kind_not_allowed');
    return { principal, via: { channel, ...verified.identity }, token };
  }

  async #verified(token: string): Promise<VerifiedIdentity> {
    const nowMs = this.#options.clock.nowMs();
    const known = this.#cache.get(token, nowMs);
    if (known !== undefined) return known;
    const verified = await this.#verifier.verify(token);
    this.#cache.put(token, verified, nowMs);
    return verified;
  }

  async #resolve({ identity, initiator }: VerifiedIdentity): Promise<Principal> {
    const index = await this.#options.directory();
    if (index === undefined) throw new AuthenticationError('no_policy_set');
    const resolution = resolvePrincipal(index, identity, initiator);
    if (resolution.kind === 'refused') throw new AuthenticationError(resolution.refusal);
    return resolution.principal;
  }
}

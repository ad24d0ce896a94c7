import type { CommandProofVerifier } from '@countersign/bus';
import type { CommandProof, ShownCard } from '@countersign/contracts';
import { CodedError, type Json, type JsonObject } from '@countersign/kernel';
import { provenCaller, type Authenticator, type Caller } from '@countersign/service-host';
import { deciderByChannel, deciderByToken, type Decider } from '../decisions/decider.ts';
import type { ActivePolicies } from '../policies/active-policies.ts';

/** What the proof of a command must be bound to. */
export interface ProvenBy {
  readonly natsSubject: string;
  readonly payload: Json;
  readonly proof: CommandProof;
}

export interface ProvenDecision extends ProvenBy {
  readonly payload: JsonObject & { readonly shown?: ShownCard };
}

export interface CommandAuthorityDependencies {
  readonly authenticator: Authenticator;
  /** Takes the notification service's word, for its channels, and nobody else's. */
  readonly proofs: Pick<CommandProofVerifier, 'verify'>;
  readonly policies: ActivePolicies;
}

/** Finds out who stands behind a command of the bus, believing nothing but the proof in it. */
export class CommandAuthority {
  readonly #with: CommandAuthorityDependencies;

  constructor(dependencies: CommandAuthorityDependencies) {
    this.#with = dependencies;
  }

  /** The bearer of an identity token; `proof_invalid` where something else was sent as proof. */
  caller({ proof }: Pick<ProvenBy, 'proof'>): Promise<Caller> {
    return provenCaller(this.#with.authenticator, proof);
  }

  /**
   * The person who decides: by their own token, or by a click that its service vouches for. Only of a click
   * is there anything to tell of what was shown.
   */
  async decider({ natsSubject, payload, proof }: ProvenDecision): Promise<Decider> {
    if (proof.kind === 'identity') {
      if (payload.shown === undefined) return deciderByToken(await this.caller({ proof }));
      throw new CodedError('proof_invalid', 'Only a service that verified a click tells what was shown.');
    }
    const { channel } = await this.#with.proofs.verify(proof.token, { natsSubject, payload });
    const { directory } = await this.#with.policies.current();
    return deciderByChannel(directory, channel, payload.shown);
  }
}

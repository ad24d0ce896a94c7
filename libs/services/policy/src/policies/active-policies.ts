import { indexDirectory, type DirectoryIndex } from '@countersign/domain-directory';
import { CodedError } from '@countersign/kernel';
import type {
  ActivePolicySetReader,
  LoadedPolicies,
  PolicyEngine,
  PolicySet,
} from '@countersign/policy-engine';

/** The set in force, ready to evaluate and to look people up in. */
export interface CurrentPolicies {
  readonly set: PolicySet;
  readonly loaded: LoadedPolicies;
  readonly directory: DirectoryIndex;
}

/** Activations are rare, evaluations are not: a set is loaded once and kept by its digest. */
const KEPT_SETS = 4;

export class ActivePolicies {
  readonly #reader: Pick<ActivePolicySetReader, 'read'>;
  readonly #engine: PolicyEngine;
  readonly #byDigest = new Map<string, CurrentPolicies>();

  constructor(reader: Pick<ActivePolicySetReader, 'read'>, engine: PolicyEngine) {
    this.#reader = reader;
    this.#engine = engine;
  }

  /**
   * Asks the store at each call. `no_policy_set` while none is active: a request is never denied because
   * the set isn't there yet. `policy_unavailable` where this build can't load what is active.
   */
  async current(): Promise<CurrentPolicies> {
    const active = await this.#reader.read();
    if (active === undefined) {
      throw new CodedError('no_policy_set', 'No policy set is active yet; try again later.');
    }
    return this.#byDigest.get(active.set.digest) ?? this.#load(active.set);
  }

  /** Undefined once a set was loaded here; until then the store is asked. A throw says why not. */
  async unready(): Promise<undefined> {
    if (this.#byDigest.size === 0) await this.current();
  }

  #load(set: PolicySet): CurrentPolicies {
    const current = { set, loaded: this.#loaded(set), directory: indexDirectory(set.directory) };
    this.#byDigest.set(set.digest, current);
    const [oldest] = this.#byDigest.keys();
    if (this.#byDigest.size > KEPT_SETS && oldest !== undefined) this.#byDigest.delete(oldest);
    return current;
  }

  #loaded(set: PolicySet): LoadedPolicies {
    try {
      return this.#engine.load(set);
    } catch (cause) {
      throw new CodedError('policy_unavailable', "This build can't load the active policy set; upgrade it.", {
        cause,
      });
    }
  }
}

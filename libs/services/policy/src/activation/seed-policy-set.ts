import { randomUUID } from 'node:crypto';
import { hasCode } from '@countersign/kernel';
import {
  formatDiagnostic,
  parsePolicySet,
  POLICY_SET_STREAM,
  policySetToEvents,
  readPolicyFolder,
  type ActivePolicySet,
  type PolicyEngine,
  type PolicySet,
} from '@countersign/policy-engine';
import type { ServiceContext } from '@countersign/service-host';
import { POLICY_SERVICE } from '../policies/service-actor.ts';

type Dependencies = Pick<ServiceContext, 'policySets' | 'writer' | 'log'> & { readonly engine: PolicyEngine };

/**
 * At start: a store that holds no set takes the folder's, and a folder that can't be loaded then fails
 * the start. A store that holds one keeps it whatever the folder says, and says so.
 */
export class SeedPolicySet {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async seed(folder: string | undefined): Promise<void> {
    const active = await this.#with.policySets.read();
    if (folder === undefined) return;
    if (active === undefined) await this.#take(folder);
    else await this.#compare(active, folder);
  }

  async #take(folder: string): Promise<void> {
    const set = await this.#loaded(folder);
    try {
      await this.#with.writer.append(
        POLICY_SET_STREAM,
        'no-stream',
        policySetToEvents(set, { type: POLICY_SERVICE.type, id: POLICY_SERVICE.id }),
        { actor: POLICY_SERVICE, correlationId: randomUUID() },
      );
      this.#with.log.info('The empty store took the policy folder.', { digest: set.digest, folder });
    } catch (error) {
      // Another replica was faster; what it seeded is active.
      if (!hasCode(error, 'wrong_expected_revision')) throw error;
    }
  }

  async #loaded(folder: string): Promise<PolicySet> {
    const set = parsePolicySet(await readPolicyFolder(folder));
    for (const warning of this.#with.engine.load(set).warnings) {
      this.#with.log.warn('The policy set loads, with a warning.', { warning: formatDiagnostic(warning) });
    }
    return set;
  }

  async #compare({ set }: ActivePolicySet, folder: string): Promise<void> {
    try {
      const { digest } = parsePolicySet(await readPolicyFolder(folder));
      if (digest !== set.digest) this.#keep(set, folder, { digest });
    } catch (error) {
      this.#keep(set, folder, { error });
    }
  }

  #keep(
    active: PolicySet,
    folder: string,
    why: { readonly digest?: string; readonly error?: unknown },
  ): void {
    this.#with.log.warn(
      'The policy folder differs from the active set, which stays in force; activate the folder to change that.',
      { folder, active: active.digest, ...why },
    );
  }
}

import type { ActivePolicySetView } from '@countersign/contracts';
import { CodedError, formatEntity } from '@countersign/kernel';
import { manifestOf } from '@countersign/policy-engine';
import type { Caller, ServiceContext } from '@countersign/service-host';

/** The set in force, whole: what an approver decides by is no secret among persons. */
export class ShowPolicySet {
  readonly #policySets: ServiceContext['policySets'];

  constructor({ policySets }: Pick<ServiceContext, 'policySets'>) {
    this.#policySets = policySets;
  }

  async show({ principal }: Caller): Promise<ActivePolicySetView> {
    if (principal.kind !== 'person' || !principal.verified) {
      throw new CodedError('forbidden', 'Only a person of the directory reads the policy set.');
    }
    const active = await this.#policySets.read();
    if (active === undefined) {
      throw new CodedError('no_policy_set', 'No policy set is active yet; try again later.');
    }
    const { set, by, activatedAt, replaces } = active;
    return {
      digest: set.digest,
      directoryDigest: set.directoryDigest,
      manifest: [...manifestOf(set.files)],
      files: [...set.files],
      by: formatEntity(by),
      activatedAt,
      ...(replaces === undefined ? {} : { replaces }),
    };
  }
}

import { Controller, Inject } from '@nestjs/common';
import {
  ACTIVATION_BODY_LIMIT,
  activePolicySetView,
  policySetActivated,
  policySetBody,
  type ActivePolicySetView,
  type PolicySetActivatedView,
  type PolicySetBody,
} from '@countersign/contracts';
import { ApiBody, ApiRoute, CurrentCaller, reply, type Caller, type Reply } from '@countersign/service-host';
import { ActivatePolicySet } from './activate-policy-set.ts';
import { ShowPolicySet } from './show-policy-set.ts';

@Controller()
export class PolicySetsController {
  readonly #activatePolicySet: ActivatePolicySet;
  readonly #showPolicySet: ShowPolicySet;

  constructor(
    @Inject(ActivatePolicySet) activatePolicySet: ActivatePolicySet,
    @Inject(ShowPolicySet) showPolicySet: ShowPolicySet,
  ) {
    this.#activatePolicySet = activatePolicySet;
    this.#showPolicySet = showPolicySet;
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/policy-sets',
    summary: 'Put a policy set in force',
    description: 'By a person with the role policy-admins; `replaces` is the digest of the set it replaces.',
    tags: ['policy'],
    body: policySetBody,
    bodyLimit: ACTIVATION_BODY_LIMIT,
    responses: {
      201: { description: 'The set is in force', schema: policySetActivated },
      200: { description: 'It already was, by this very activation', schema: policySetActivated },
    },
    errors: ['forbidden', 'policy_set_changed', 'invalid_policy_set', 'no_policy_set'],
  })
  async activate(
    @ApiBody() body: PolicySetBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Reply<PolicySetActivatedView>> {
    const { isNew, view } = await this.#activatePolicySet.activate(body, caller);
    return reply(isNew ? 201 : 200, view);
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/policy-sets/active',
    summary: 'The policy set in force',
    tags: ['policy'],
    responses: { 200: { description: 'The set with its files', schema: activePolicySetView } },
    errors: ['forbidden', 'no_policy_set'],
  })
  show(@CurrentCaller() caller: Caller): Promise<ActivePolicySetView> {
    return this.#showPolicySet.show(caller);
  }
}

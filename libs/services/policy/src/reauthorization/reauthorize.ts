import type { reauthorizeReply } from '@countersign/contracts';
import { reauthorize, verifyApproval } from '@countersign/domain-review';
import { notFound, type ServiceContext } from '@countersign/service-host';
import type { z } from 'zod';
import type { EnsureEvaluated } from '../evaluation/ensure-evaluated.ts';
import type { ActivePolicies } from '../policies/active-policies.ts';

export type Reauthorized = z.infer<typeof reauthorizeReply>;

export interface ReauthorizeDependencies extends Pick<ServiceContext, 'telemetry'> {
  readonly ensureEvaluated: EnsureEvaluated;
  readonly policies: ActivePolicies;
}

/**
 * Asked right before a redemption: does the set of this moment still permit what was approved, and do
 * those who were counted still have the right? Appends nothing; who asked acts on the answer.
 */
export class Reauthorize {
  readonly #with: ReauthorizeDependencies;

  constructor(dependencies: ReauthorizeDependencies) {
    this.#with = dependencies;
  }

  /** `not_found` for an unknown request, `approval_not_proven` for one that isn't properly approved. */
  async ask(requestId: string): Promise<Reauthorized> {
    const loaded = await this.#with.ensureEvaluated.ensure(requestId);
    if (loaded === undefined) throw notFound();
    const attributes = { 'countersign.request.id': requestId };
    const { traceparent } = loaded.event.metadata;
    return this.#with.telemetry.inThread('policy.reauthorize', traceparent, { attributes }, async (span) => {
      const { loaded: engine, set } = await this.#with.policies.current();
      const review = verifyApproval(loaded.request, loaded.events);
      const evaluation = engine.evaluate(loaded.request);
      const answer = reauthorize({
        request: loaded.request,
        evaluation,
        directory: set.directory,
        review,
      });
      span.setAttribute('countersign.authorized', answer.authorized);
      return answer.authorized
        ? { authorized: true, policySetDigest: set.digest, directoryDigest: set.directoryDigest }
        : { authorized: false, detail: answer.detail };
    });
  }
}

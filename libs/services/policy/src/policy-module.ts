import type { DynamicModule, Provider } from '@nestjs/common';
import { CommandProofVerifier } from '@countersign/bus';
import { CedarPolicyEngine } from '@countersign/policy-cedar';
import { RefusedAttempts, type ServiceContext } from '@countersign/service-host';
import { ActivatePolicySet } from './activation/activate-policy-set.ts';
import { PolicySetsController } from './activation/policy-sets.controller.ts';
import { SeedPolicySet } from './activation/seed-policy-set.ts';
import { ShowPolicySet } from './activation/show-policy-set.ts';
import { CancelReview } from './cancellation/cancel-review.ts';
import { CommandAuthority } from './commands/command-authority.ts';
import { commandKeysOf } from './commands/command-keys.ts';
import { CommandsController } from './commands/commands.controller.ts';
import { RecordDecision } from './decisions/record-decision.ts';
import { ReviewsController } from './decisions/reviews.controller.ts';
import { EnsureReview } from './due-work/ensure-review.ts';
import { ExpiryCause } from './due-work/expiry-cause.ts';
import { keepReviews } from './due-work/keep-reviews.ts';
import type { ReviewsView } from './due-work/reviews-view.ts';
import { EnsureEvaluated } from './evaluation/ensure-evaluated.ts';
import { ListOpenReviews } from './open-reviews/list-open-reviews.ts';
import { ActivePolicies } from './policies/active-policies.ts';
import { Reauthorize } from './reauthorization/reauthorize.ts';
import { ReviewStreams } from './streams/review-streams.ts';

/** The policy service: the decision point, the keeper of reviews and of the policy set in force. */
export class PolicyModule {}

/** Outsiders' requests are intake's. */
export type PolicyContext = Omit<ServiceContext, 'requestQueue' | 'requesterOutlet'>;

/** What the use cases about reviews need of the context. */
export type ReviewsContext = Pick<
  ServiceContext,
  'store' | 'writer' | 'verifier' | 'clock' | 'policySets' | 'telemetry' | 'log'
>;

/** What the use cases share, built once. */
const composePolicy = <Context extends ReviewsContext>(context: Context) => {
  const engine = new CedarPolicyEngine();
  const policies = new ActivePolicies(context.policySets, engine);
  const streams = new ReviewStreams(context);
  const ensureEvaluated = new EnsureEvaluated({ ...context, policies, streams });
  const attempts = new RefusedAttempts(context, { kind: 'decision', category: 'reviewattempt' });
  const expiryCause = new ExpiryCause(context);
  return { ...context, engine, policies, streams, ensureEvaluated, attempts, expiryCause };
};

type PolicyParts = ReturnType<typeof composePolicy<PolicyContext>>;

const reviewCases = (parts: ReturnType<typeof composePolicy<ReviewsContext>>) => ({
  ensureReview: new EnsureReview(parts),
  recordDecision: new RecordDecision(parts),
  cancelReview: new CancelReview(parts),
  reauthorize: new Reauthorize(parts),
});

/** The use cases about reviews over one context, without a process around them. */
export const composeReviews = (context: ReviewsContext): ReturnType<typeof reviewCases> =>
  reviewCases(composePolicy(context));

/** Comes before all other work: without a set nothing is evaluated, and nobody is authenticated. */
const seedAtStart = ({ lifecycle, config, policies, ...parts }: PolicyParts): void => {
  const seeding = new SeedPolicySet(parts);
  lifecycle.add({
    name: 'policy set',
    start: () => seeding.seed(config.policiesFolder),
    ready: () => policies.unready(),
  });
};

const proofVerifierOf = ({ keys, clock }: PolicyContext): CommandProofVerifier =>
  new CommandProofVerifier({
    audience: 'policy',
    issuers: ['notification'],
    keys: commandKeysOf(keys),
    clock,
  });

const useCases = (
  parts: PolicyParts & { readonly reviews: ReviewsView },
  cases: ReturnType<typeof reviewCases>,
): Provider[] => [
  provide(RecordDecision, () => cases.recordDecision),
  provide(CancelReview, () => cases.cancelReview),
  provide(Reauthorize, () => cases.reauthorize),
  provide(ListOpenReviews, () => new ListOpenReviews(parts)),
  provide(ActivatePolicySet, () => new ActivatePolicySet(parts)),
  provide(ShowPolicySet, () => new ShowPolicySet(parts)),
  provide(CommandAuthority, () => new CommandAuthority({ ...parts, proofs: proofVerifierOf(parts) })),
];

const provide = <UseCase>(token: new (...args: never[]) => UseCase, useFactory: () => UseCase): Provider => ({
  provide: token,
  useFactory,
});

/** Registers the service's background work with the life cycle; call it once per context. */
export const policyModule = (context: PolicyContext): DynamicModule => {
  const parts = composePolicy(context);
  seedAtStart(parts);
  const cases = reviewCases(parts);
  const reviews = keepReviews(context, cases.ensureReview);
  return {
    module: PolicyModule,
    controllers: [ReviewsController, PolicySetsController, CommandsController],
    providers: useCases({ ...parts, reviews }, cases),
  };
};

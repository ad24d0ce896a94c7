export { deciderByToken, type Decider } from './decisions/decider.ts';
export { composeReviews, policyModule, type ReviewsContext } from './policy-module.ts';

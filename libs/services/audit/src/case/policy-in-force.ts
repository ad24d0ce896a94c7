import type { AuditCase } from '@countersign/contracts';
import type { PolicyRef, Review } from '@countersign/domain-review';
import type { RecordedEvent } from '@countersign/event-store';
import { CodedError } from '@countersign/kernel';
import {
  POLICY_SET_STREAM,
  policyTexts,
  type ActivePolicySet,
  type ActivePolicySetReader,
  type PolicyText,
} from '@countersign/policy-engine';

export interface PolicyInForce {
  /** Undefined where nothing was evaluated, or `problems` says why. */
  readonly set: ActivePolicySet | undefined;
  readonly texts: ReadonlyMap<string, PolicyText>;
  readonly problems: AuditCase['problems'];
}

const NOTHING: PolicyInForce = { set: undefined, texts: new Map(), problems: [] };

/** The set that the evaluation names, as its activation before that evaluation put it in force. */
export const readPolicyInForce = async (
  policySets: Pick<ActivePolicySetReader, 'find'>,
  review: Review,
  events: readonly RecordedEvent[],
): Promise<PolicyInForce> => {
  const evaluated = events.find(({ type }) => type === 'PolicyEvaluated');
  if (evaluated === undefined || review.status === 'unevaluated') return NOTHING;
  const { policySetDigest: digest, policies } = review.evaluation;
  try {
    const set = await policySets.find(digest, evaluated.committedAt);
    if (set !== undefined) return withTexts(set, policies);
    return lacking('policy_set_missing', `No set of digest ${digest} was in force when policy was asked.`);
  } catch (error) {
    if (!isAboutTheSet(error)) throw error;
    return lacking(error.code, error.message);
  }
};

const withTexts = (set: ActivePolicySet, policies: readonly PolicyRef[]): PolicyInForce => {
  const texts = policyTexts(set.set.files);
  const missing = policies.filter(({ id }) => !texts.has(id));
  const problems = missing.map(({ id }) => ({
    code: 'policy_text_missing',
    detail: `The set that was in force holds no policy "${id}".`,
    stream: POLICY_SET_STREAM,
  }));
  return { set, texts, problems };
};

const ABOUT_THE_SET: ReadonlySet<string> = new Set([
  'policy_set_corrupt',
  'signature_invalid',
  'invalid_policy_set',
]);

const isAboutTheSet = (error: unknown): error is CodedError =>
  error instanceof CodedError && ABOUT_THE_SET.has(String(error.code));

const lacking = (code: string, detail: string): PolicyInForce => ({
  ...NOTHING,
  problems: [{ code, detail, stream: POLICY_SET_STREAM }],
});

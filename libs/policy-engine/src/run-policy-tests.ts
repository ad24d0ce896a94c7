import { actionDigest, type PrivilegedAction } from '@countersign/domain-action';
import { evaluateRequest, UNEVALUATED, type Obligations, type ReviewEvent } from '@countersign/domain-review';
import { propertyConflicts } from './catalogue.ts';
import { parsePolicySet } from './parse-policy-set.ts';
import type { Diagnostic, LoadedPolicies, PolicyEngine } from './policy-engine.ts';
import { parsePolicyTests, type Expectation, type PolicyTestCase } from './policy-test-case.ts';
import { readPolicyFolder, readPolicyTests } from './read-policy-folder.ts';

export interface PolicyTestResult {
  readonly file: string;
  /** 1-based, where the case begins. */
  readonly line: number;
  readonly name: string;
  readonly passed: boolean;
  /** Of a failed case: what was expected and what came, in one sentence. */
  readonly diff?: string;
}

export interface PolicyTestReport {
  readonly policySetDigest: string;
  readonly warnings: readonly Diagnostic[];
  readonly results: readonly PolicyTestResult[];
}

interface Actual {
  readonly outcome: Expectation['outcome'];
  readonly reason: string;
  readonly detail: string;
  readonly policies: readonly string[];
  readonly obligations?: Obligations;
}

/** Policy doesn't depend on the hour; any will do. */
const ASKED_AT = '2026-01-01T00:00:00.000Z';

const outcomeOf = (events: readonly ReviewEvent[]): Actual['outcome'] => {
  const types = new Set(events.map(({ type }) => type));
  if (types.has('ReviewOpened')) return 'review';
  return types.has('ReviewApproved') ? 'permitted' : 'denied';
};

const reviewed = (loaded: LoadedPolicies, action: PrivilegedAction): Actual => {
  const evaluation = loaded.evaluate(action);
  const request = {
    ...action,
    requestId: 'policy-test',
    digest: actionDigest(action),
    requestedAt: ASKED_AT,
  };
  const { directory } = loaded.set;
  const outcome = evaluateRequest({ request, evaluation, directory, now: ASKED_AT }, UNEVALUATED);
  const events = outcome.kind === 'decided' ? outcome.events : [];
  const [evaluated] = events.flatMap((event) => (event.type === 'PolicyEvaluated' ? [event.data] : []));
  return {
    outcome: outcomeOf(events),
    reason: evaluated?.reason ?? 'evaluation_error',
    detail: evaluated?.detail ?? '',
    policies: evaluation.policies.map(({ id }) => id),
    ...(evaluation.kind === 'permit' ? { obligations: evaluation.obligations } : {}),
  };
};

/** What would come of a request: intake's refusal, or what policy would append. */
const actualOf = (loaded: LoadedPolicies, action: PrivilegedAction): Actual => {
  const [conflict] = propertyConflicts(loaded.set.catalogue, action.resource);
  if (conflict === undefined) return reviewed(loaded, action);
  const detail = `${conflict.field} contradicts the catalogue.`;
  return { outcome: 'refused', reason: 'property_conflict', detail, policies: [] };
};

const quorums = (obligations: Obligations | undefined): string =>
  (obligations?.groups ?? []).map(({ group, quorum }) => `${group}: ${quorum}`).join(', ');

const expectedQuorums = (groups: NonNullable<Expectation['groups']>): string =>
  Object.entries(groups)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, quorum]) => `${group}: ${quorum}`)
    .join(', ');

const inMs = (ms: number | undefined): string => (ms === undefined ? 'none' : `${ms} ms`);

/** Pairs of what a case states and what came, each as text; unstated parts are nobody's business. */
const comparisons = (
  expected: Expectation,
  actual: Actual,
): readonly (readonly [string, string, string])[] => {
  const { groups, expires_in, grant_ttl, enforcement, policies } = expected;
  const { obligations } = actual;
  const list = (ids: readonly string[]): string => [...ids].sort().join(', ');
  return [
    ['outcome', expected.outcome, actual.outcome],
    ['reason', expected.reason, actual.reason],
    ...(groups === undefined ? [] : [['groups', expectedQuorums(groups), quorums(obligations)] as const]),
    ...(expires_in === undefined
      ? []
      : [['expires_in', inMs(expires_in), inMs(obligations?.expiresInMs)] as const]),
    ...(grant_ttl === undefined
      ? []
      : [['grant_ttl', inMs(grant_ttl), inMs(obligations?.grantTtlMs)] as const]),
    ...(enforcement === undefined
      ? []
      : [['enforcement', enforcement, obligations?.enforcement ?? 'none'] as const]),
    ...(policies === undefined ? [] : [['policies', list(policies), list(actual.policies)] as const]),
  ];
};

const runCase = (
  loaded: LoadedPolicies,
  { file, line, name, request, expect }: PolicyTestCase,
): PolicyTestResult => {
  const actual = actualOf(loaded, request);
  const differences = comparisons(expect, actual)
    .filter(([, expected, came]) => expected !== came)
    .map(
      ([part, expected, came]) =>
        `${part} is ${came === '' ? 'none' : came}, expected ${expected === '' ? 'none' : expected}`,
    );
  if (differences.length === 0) return { file, line, name, passed: true };
  return { file, line, name, passed: false, diff: `${differences.join('; ')}. ${actual.detail}` };
};

/**
 * Runs every case of a folder's `*.test.yaml` against the folder's set, through the same pure steps as a
 * real request: the catalogue, the policies, the quorum that the directory can fill. A set or a test
 * file that can't be read throws `PolicySetError`.
 */
export const runPolicyTests = async (folder: string, engine: PolicyEngine): Promise<PolicyTestReport> => {
  const loaded = engine.load(parsePolicySet(await readPolicyFolder(folder)));
  const cases = (await readPolicyTests(folder)).flatMap(parsePolicyTests);
  return {
    policySetDigest: loaded.set.digest,
    warnings: loaded.warnings,
    results: cases.map((one) => runCase(loaded, one)),
  };
};

import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import type { PrivilegedAction } from '@countersign/domain-action';
import type { Evaluation, Obligations, PolicyRef } from '@countersign/domain-review';
import {
  catalogueAttributes,
  mergeObligations,
  type Diagnostic,
  type LoadedPolicies,
  type PermitObligations,
  type PolicySet,
} from '@countersign/policy-engine';
import type { CedarProgram } from './cedar-program.ts';
import { speaksOf, type CompiledPolicy } from './compile-policies.ts';
import type { DeclaredAction } from './declared-schema.ts';
import { mapRequest, type CedarCall, type MappingRules } from './map-request.ts';

interface LoadedParts {
  readonly set: PolicySet;
  readonly policies: readonly CompiledPolicy[];
  readonly rules: MappingRules;
  readonly program: CedarProgram;
  readonly warnings: readonly Diagnostic[];
}

type Denial = Extract<Evaluation, { kind: 'deny' }>['reason'];
/** What one answer adds to the facts that every evaluation carries. */
type Answer = Pick<Evaluation, 'detail' | 'policies'> & { readonly errors?: readonly string[] } & (
    | { readonly kind: 'deny'; readonly reason: Denial }
    | { readonly kind: 'permit'; readonly obligations: Obligations }
  );

const deny = (reason: Denial, detail: string, rest: Partial<Answer> = {}): Answer => ({
  policies: [],
  ...rest,
  kind: 'deny',
  reason,
  detail,
});

const names = (policies: readonly PolicyRef[]): string =>
  policies.map(({ id, description }) => (description === '' ? id : `${id} (${description})`)).join(', ');

const byId = (a: PolicyRef, b: PolicyRef): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const permit = (matching: readonly CompiledPolicy[], policies: readonly PolicyRef[]): Answer => {
  const [first, ...rest] = matching.flatMap(({ obligations }): readonly PermitObligations[] =>
    obligations === undefined ? [] : [obligations],
  );
  if (first === undefined)
    return deny('evaluation_error', 'The engine permitted by no permit.', { policies });
  const obligations = mergeObligations([first, ...rest]);
  const verb = obligations.groups.length === 0 ? 'Permitted' : 'Permitted with approval';
  return { kind: 'permit', obligations, policies, detail: `${verb} by ${names(policies)}.` };
};

/** One loaded set. Evaluation is total: whatever goes wrong, in a policy or in the engine, is a denial. */
export class LoadedCedarPolicies implements LoadedPolicies {
  readonly set: PolicySet;
  readonly warnings: readonly Diagnostic[];
  readonly #policies: ReadonlyMap<string, CompiledPolicy>;
  readonly #rules: MappingRules;
  readonly #program: CedarProgram;
  readonly #claims = new Map<string, readonly string[]>();

  constructor({ set, policies, rules, program, warnings }: LoadedParts) {
    this.set = set;
    this.warnings = warnings;
    this.#policies = new Map(policies.map((policy) => [policy.id, policy]));
    this.#rules = rules;
    this.#program = program;
  }

  evaluate(action: PrivilegedAction): Evaluation {
    const catalogue = catalogueAttributes(this.set.catalogue, action.resource);
    return {
      policySetDigest: this.set.digest,
      directoryDigest: this.set.directoryDigest,
      catalogue,
      claims: this.#claimsFor(action),
      errors: [],
      ...this.#answer(action, catalogue),
    };
  }

  #answer(action: PrivilegedAction, catalogue: Evaluation['catalogue']): Answer {
    try {
      const mapped = mapRequest(this.#rules, action, catalogue);
      if (mapped.kind === 'undeclared') return deny('no_matching_permit', mapped.detail);
      if (mapped.kind === 'call') return this.#ask(mapped.call);
      const problems = mapped.mismatches.map(({ path, expected }) => `${path} must be ${expected}`);
      return deny('claim_type_mismatch', `${problems.join('; ')}.`);
    } catch (error) {
      return deny('evaluation_error', 'The engine failed on this request.', { errors: [String(error)] });
    }
  }

  #ask(call: CedarCall): Answer {
    const answer = this.#program.authorize(call);
    if (answer.type === 'failure') {
      const errors = answer.errors.map(({ message }) => message);
      return deny('evaluation_error', 'The engine took this request for invalid.', { errors });
    }
    return this.#judge(answer.response);
  }

  #judge({ decision, diagnostics }: Extract<AuthorizationAnswer, { type: 'success' }>['response']): Answer {
    if (diagnostics.errors.length > 0) {
      // Cedar leaves out a policy that errors, an erroring forbid too; here it denies.
      const policies = this.#refs(diagnostics.errors.map(({ policyId }) => policyId));
      const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).sort();
      return deny('evaluation_error', `Evaluating ${names(policies)} failed.`, { policies, errors });
    }
    const policies = this.#refs(diagnostics.reason);
    if (decision === 'allow') return permit(this.#compiled(diagnostics.reason), policies);
    return policies.length === 0
      ? deny('no_matching_permit', 'No policy permits this.')
      : deny('forbidden', `Forbidden by ${names(policies)}.`, { policies });
  }

  #compiled(ids: readonly string[]): readonly CompiledPolicy[] {
    return ids.flatMap((id) => this.#policies.get(id) ?? []);
  }

  /** Cedar gives its reasons in no particular order; events carry them sorted. */
  #refs(ids: readonly string[]): readonly PolicyRef[] {
    return this.#compiled(ids)
      .map(({ id, description }) => ({ id, description }))
      .sort(byId);
  }

  #claimsFor({ action, subject, resource }: PrivilegedAction): readonly string[] {
    const declared = this.#rules.schema.actions.get(action.name);
    if (declared === undefined) return [];
    const key = JSON.stringify([action.name, subject.type, resource.type]);
    const known = this.#claims.get(key) ?? this.#claimsRead(declared, subject.type, resource.type);
    if (this.#rules.schema.entities.has(resource.type)) this.#claims.set(key, known);
    return known;
  }

  #claimsRead(action: DeclaredAction, principalType: string, resourceType: string): readonly string[] {
    const speaking = [...this.#policies.values()].filter((policy) =>
      speaksOf(policy, { action, principalType, resourceType }),
    );
    return [...new Set(speaking.flatMap(({ claims }) => claims))].sort();
  }
}

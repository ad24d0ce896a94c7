import { policyToJson, type ActionConstraint, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import {
  splitStatements,
  type Diagnostic,
  type PermitObligations,
  type PolicyFile,
  type Statement,
} from '@countersign/policy-engine';
import { claimsRead } from './claims-read.ts';
import type { DeclaredAction } from './declared-schema.ts';
import type { EngineAbilities } from './annotation-reader.ts';
import { readAnnotations } from './parse-annotations.ts';
import { fromByteOffset, lineAt } from './offsets.ts';

export interface CompiledPolicy {
  readonly id: string;
  readonly description: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** Of a permit; a forbid has none. */
  readonly obligations: PermitObligations | undefined;
  /** The requester's claims it reads. */
  readonly claims: readonly string[];
  readonly json: PolicyJson;
}

export interface Compilation {
  readonly policies: readonly CompiledPolicy[];
  readonly diagnostics: readonly Diagnostic[];
}

const offsetOfAnnotation = ({ text, start }: Statement, annotation: string): number => {
  const at = text.search(new RegExp(`@\\s*${annotation}\\b`, 'u'));
  return start + Math.max(at, 0);
};

const compileStatement = (
  { path: file, content }: PolicyFile,
  statement: Statement,
  abilities: EngineAbilities,
  trustedAttributes: ReadonlySet<string>,
): Compilation => {
  const parsed = policyToJson(statement.text);
  if (parsed.type === 'failure') {
    const diagnostics = parsed.errors.map(({ message, sourceLocations }) => {
      const inStatement = fromByteOffset(statement.text, sourceLocations?.[0]?.start ?? 0);
      return {
        file,
        line: lineAt(content, statement.start + inStatement),
        code: 'malformed_policy',
        message,
      };
    });
    return { policies: [], diagnostics };
  }
  const { effect, annotations = {} } = parsed.json;
  const { id, description, obligations, problems } = readAnnotations(effect, annotations, abilities);
  const line = lineAt(content, statement.start);
  const diagnostics = problems.map(({ annotation, code, message }) => ({
    file,
    line: lineAt(content, offsetOfAnnotation(statement, annotation)),
    code,
    message,
  }));
  if (id === undefined) return { policies: [], diagnostics };
  const claims = claimsRead(parsed.json, trustedAttributes);
  const policy = {
    id,
    description,
    file,
    line,
    text: statement.text,
    obligations,
    claims,
    json: parsed.json,
  };
  return { policies: [policy], diagnostics };
};

const duplicateIds = (policies: readonly CompiledPolicy[]): readonly Diagnostic[] => {
  const first = new Map<string, CompiledPolicy>();
  return policies.flatMap((policy) => {
    const earlier = first.get(policy.id);
    if (earlier === undefined) {
      first.set(policy.id, policy);
      return [];
    }
    const { file, line } = policy;
    const message = `"${policy.id}" already names the policy at ${earlier.file}:${earlier.line}.`;
    return [{ file, line, code: 'duplicate_id', message }];
  });
};

/** Every policy of a set's files, and everything wrong with any of them. */
export const compilePolicies = (
  files: readonly PolicyFile[],
  abilities: EngineAbilities,
  trustedAttributes: ReadonlySet<string>,
): Compilation => {
  const compiled = files.flatMap((file) =>
    splitStatements(file.content).map((statement) =>
      compileStatement(file, statement, abilities, trustedAttributes),
    ),
  );
  const policies = compiled.flatMap((one) => one.policies);
  return {
    policies,
    diagnostics: [...compiled.flatMap((one) => one.diagnostics), ...duplicateIds(policies)],
  };
};

const actionsNamed = (constraint: ActionConstraint): readonly string[] | undefined => {
  if (constraint.op === 'All') return undefined;
  const named =
    'entities' in constraint ? constraint.entities : 'entity' in constraint ? [constraint.entity] : [];
  return named.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
};

/** Whether a policy's head lets it speak of this action and these types at all. */
export const speaksOf = (
  { json: { action, principal, resource } }: CompiledPolicy,
  asked: { readonly action: DeclaredAction; readonly principalType: string; readonly resourceType: string },
): boolean => {
  const names = actionsNamed(action);
  return (
    (names === undefined || names.some((name) => asked.action.groups.has(name))) &&
    (principal.op !== 'is' || principal.entity_type === asked.principalType) &&
    (resource.op !== 'is' || resource.entity_type === asked.resourceType)
  );
};

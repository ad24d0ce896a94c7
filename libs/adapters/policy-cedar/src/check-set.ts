import {
  schemaToJsonWithResolvedTypes,
  validate,
  type DetailedError,
  type ValidationError,
} from '@cedar-policy/cedar-wasm/nodejs';
import {
  catalogueEntryDiagnostic,
  RESOURCES_FILE,
  SCHEMA_FILE,
  type Diagnostic,
  type PolicyFile,
  type PolicySet,
} from '@countersign/policy-engine';
import type { CompiledPolicy } from './compile-policies.ts';
import { readDeclaredSchema, type DeclaredSchema, type SchemaNamespaces } from './declared-schema.ts';
import { DIRECTORY_ATTRIBUTES } from './map-request.ts';
import { fromByteOffset, lineAt } from './offsets.ts';
import { CedarConversion } from './to-cedar-value.ts';

const inSchema = (message: string, line?: number): Diagnostic => ({
  file: SCHEMA_FILE,
  ...(line === undefined ? {} : { line }),
  code: 'malformed_schema',
  message,
});

const schemaError = (content: string, { message, sourceLocations }: DetailedError): Diagnostic => {
  const [location] = sourceLocations ?? [];
  if (location === undefined) return inSchema(message);
  const expected = location.label === null ? '' : ` (${location.label})`;
  return inSchema(message + expected, lineAt(content, fromByteOffset(content, location.start)));
};

export interface ReadSchema {
  readonly schema?: DeclaredSchema;
  readonly diagnostics: readonly Diagnostic[];
}

/** The schema file as types to convert by. */
export const readSchema = ({ content }: PolicyFile): ReadSchema => {
  const answer = schemaToJsonWithResolvedTypes(content);
  if (answer.type === 'failure') {
    return { diagnostics: answer.errors.map((error) => schemaError(content, error)) };
  }
  try {
    // The library's own type of this JSON leaves open what its resolver has settled.
    return { schema: readDeclaredSchema(answer.json as SchemaNamespaces), diagnostics: [] };
  } catch (error) {
    return { diagnostics: [inSchema(error instanceof Error ? error.message : String(error))] };
  }
};

/**
 * What the directory and the catalogue give must be declared optional, since they may be silent, and an
 * owner and an initiator as the entities they are.
 */
export const checkDeclarations = (
  schema: DeclaredSchema,
  trusted: ReadonlySet<string>,
): readonly Diagnostic[] => {
  const given = new Set([...trusted, ...DIRECTORY_ATTRIBUTES, 'initiator']);
  const entityOf: Readonly<Record<string, string>> = {
    owner: 'User',
    ownerGroup: 'Group',
    initiator: 'User',
  };
  const requesters = new Set([...schema.actions.values()].flatMap((action) => [...action.principalTypes]));
  return [...schema.entities].flatMap(([entity, { members }]) =>
    [...members].flatMap(([name, { type, required }]) => {
      const wanted = requesters.has(entity) ? entityOf[name] : undefined;
      if (wanted !== undefined && (type.kind !== 'Entity' || type.name !== wanted)) {
        return [inSchema(`Declare ${entity}.${name} as ${wanted}.`)];
      }
      const needless = entity === 'User' || entity === 'Group' || given.has(name);
      return needless && required
        ? [inSchema(`Declare ${entity}.${name} optional (${name}?): it may be unknown.`)]
        : [];
    }),
  );
};

/** The catalogue's values must be of the declared types: they are converted by them on each request. */
export const checkCatalogue = (set: PolicySet, schema: DeclaredSchema): readonly Diagnostic[] => {
  const source = set.files.find(({ path }) => path === RESOURCES_FILE) ?? {
    path: RESOURCES_FILE,
    content: '',
  };
  return set.catalogue.entries.flatMap(({ type, attributes }, nth) => {
    const declared = schema.entities.get(type);
    if (declared === undefined) {
      const message = `The schema declares no entity type "${type}".`;
      return [catalogueEntryDiagnostic(source, nth, 'unknown_resource_type', message)];
    }
    return Object.entries(attributes).flatMap(([name, value]) => {
      const member = declared.members.get(name);
      if (member === undefined) return [];
      const conversion = new CedarConversion();
      conversion.value(member.type, value, name);
      return conversion.mismatches.map(({ path, expected }) =>
        catalogueEntryDiagnostic(source, nth, 'invalid_attribute', `${path} must be ${expected}.`, name),
      );
    });
  });
};

const inPolicy = (
  policies: readonly CompiledPolicy[],
  code: string,
  { policyId, error }: ValidationError,
): Diagnostic => {
  const policy = policies.find(({ id }) => id === policyId);
  if (policy === undefined) return { file: SCHEMA_FILE, code, message: error.message };
  const start = fromByteOffset(policy.text, error.sourceLocations?.[0]?.start ?? 0);
  const help = error.help === null ? '' : ` (${error.help})`;
  const line = policy.line - 1 + lineAt(policy.text, start);
  return { file: policy.file, line, code, message: error.message + help };
};

export interface Validation {
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** Cedar's own check of the policies against the schema. */
export const validatePolicies = (schema: string, policies: readonly CompiledPolicy[]): Validation => {
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const answer = validate({ schema, policies: { staticPolicies } });
  if (answer.type === 'failure') {
    return { diagnostics: answer.errors.map((error) => schemaError(schema, error)), warnings: [] };
  }
  return {
    diagnostics: answer.validationErrors.map((error) => inPolicy(policies, 'invalid_policy', error)),
    warnings: answer.validationWarnings.map((warning) => inPolicy(policies, 'doubtful_policy', warning)),
  };
};

/** What no claim should decide alone: nothing is permitted, and no forbid lifted, by somebody's own word. */
export const warnOfClaims = (policies: readonly CompiledPolicy[]): readonly Diagnostic[] =>
  policies
    .filter(({ claims, obligations }) => claims.length > 0 && obligations?.approval === undefined)
    .map(({ id, file, line, claims, obligations }) => ({
      file,
      line,
      code: obligations === undefined ? 'forbid_rests_on_claim' : 'permit_rests_on_claim',
      message:
        obligations === undefined
          ? `${id} forbids by ${claims.join(', ')}, which the requester may say otherwise or leave out.`
          : `${id} permits at once by ${claims.join(', ')}, which only the requester says; require an approval, or catalogue it.`,
    }));

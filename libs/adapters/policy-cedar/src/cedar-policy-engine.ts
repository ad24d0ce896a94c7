import type { Enforcement } from '@countersign/domain-action';
import { indexDirectory } from '@countersign/domain-directory';
import {
  isPolicyFile,
  PolicySetError,
  SCHEMA_FILE,
  type LoadedPolicies,
  type PolicyEngine,
  type PolicySet,
} from '@countersign/policy-engine';
import { CedarProgram } from './cedar-program.ts';
import {
  checkCatalogue,
  checkDeclarations,
  readSchema,
  validatePolicies,
  warnOfClaims,
} from './check-set.ts';
import { compilePolicies } from './compile-policies.ts';
import { LoadedCedarPolicies } from './loaded-cedar-policies.ts';

export interface CedarPolicyEngineOptions {
  /** Kinds of channels that `@notify` may name, because somebody posts to them. */
  readonly channelKinds?: readonly string[];
  /** How strictly this build can hold an action. */
  readonly enforcements?: readonly Enforcement[];
}

/** The policy engine on Cedar 4 (https://docs.cedarpolicy.com). Keep one per process: what it parses is cached. */
export class CedarPolicyEngine implements PolicyEngine {
  readonly #channelKinds: ReadonlySet<string>;
  readonly #enforcements: ReadonlySet<Enforcement>;

  constructor({
    channelKinds = ['log', 'slack', 'teams'],
    enforcements = ['advisory', 'guarded'],
  }: CedarPolicyEngineOptions = {}) {
    this.#channelKinds = new Set(channelKinds);
    this.#enforcements = new Set(enforcements);
  }

  load(set: PolicySet): LoadedPolicies {
    const trustedAttributes = new Set(set.catalogue.trustedAttributes);
    const schemaFile = set.files.find(({ path }) => path === SCHEMA_FILE) ?? {
      path: SCHEMA_FILE,
      content: '',
    };
    const { schema, diagnostics: inSchema } = readSchema(schemaFile);
    const abilities = {
      groups: new Set(Object.keys(set.directory.groups)),
      channelKinds: this.#channelKinds,
      enforcements: this.#enforcements,
    };
    const { policies, diagnostics: inPolicies } = compilePolicies(
      set.files.filter(({ path }) => isPolicyFile(path)),
      abilities,
      trustedAttributes,
    );
    const broken = [...inSchema, ...inPolicies];
    if (schema === undefined) throw new PolicySetError(broken);
    const validation = validatePolicies(schemaFile.content, policies);
    const diagnostics = [
      ...broken,
      ...checkDeclarations(schema, trustedAttributes),
      ...checkCatalogue(set, schema),
      ...validation.diagnostics,
    ];
    if (diagnostics.length > 0) throw new PolicySetError(diagnostics);
    return new LoadedCedarPolicies({
      set,
      policies,
      rules: { schema, directory: indexDirectory(set.directory), trustedAttributes },
      program: new CedarProgram(
        schemaFile.content,
        Object.fromEntries(policies.map(({ id, text }) => [id, text])),
      ),
      warnings: [...validation.warnings, ...warnOfClaims(policies)],
    });
  }
}

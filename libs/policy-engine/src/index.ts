export type { Diagnostic, LoadedPolicies, PolicyEngine } from './policy-engine.ts';
export type { Catalogue, CatalogueEntry, PolicyFile, PolicySet } from './policy-set.ts';
export { formatDiagnostic, PolicySetError } from './policy-set-error.ts';
export {
  isPolicyFile,
  manifestOf,
  parsePolicySet,
  RESOURCES_FILE,
  SCHEMA_FILE,
  type ManifestEntry,
} from './parse-policy-set.ts';
export { catalogueEntryDiagnostic } from './parse-catalogue.ts';
export { policyTexts, type PolicyText } from './policy-texts.ts';
export { splitStatements, type Statement } from './statements.ts';
export { readPolicyFolder } from './read-policy-folder.ts';
export { catalogueAttributes, propertyConflicts, type PropertyConflict } from './catalogue.ts';
export { mergeObligations, RISKS, type PermitObligations, type Risk } from './merge-obligations.ts';
export {
  POLICY_SET_STREAM,
  policySetToEvents,
  type PolicyFileStored,
  type PolicySetActivated,
} from './policy-set-events.ts';
export { ActivePolicySetReader, type ActivePolicySet } from './active-policy-set-reader.ts';
export { runPolicyTests, type PolicyTestReport, type PolicyTestResult } from './run-policy-tests.ts';

export type { Diagnostic, LoadedPolicies, PolicyEngine } from './policy-engine.ts';
export type { Catalogue, CatalogueEntry, PolicyFile, PolicySet } from './policy-set.ts';

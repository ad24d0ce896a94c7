import type { Directory } from '@countersign/domain-directory';
import type { JsonObject } from '@countersign/kernel';

export interface PolicyFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** What `resources.yaml` says of resources: trusted, because an owner of the set wrote it. */
export interface Catalogue {
  /** Attributes that only the catalogue may give; a claim of the same name never reaches the policies. */
  readonly trustedAttributes: readonly string[];
  readonly entries: readonly CatalogueEntry[];
}

export interface CatalogueEntry {
  readonly type: string;
  /** An id, or a pattern in which `*` stands for any run of characters. The most specific entry wins; a tie fails the load. */
  readonly id: string;
  readonly attributes: JsonObject;
}

/** Everything that was activated together: policies, schema, directory, catalogue. */
export interface PolicySet {
  /** canonicalDigest of the manifest `[{path, digest}]` sorted by path. */
  readonly digest: string;
  readonly directoryDigest: string;
  readonly files: readonly PolicyFile[];
  readonly directory: Directory;
  readonly catalogue: Catalogue;
}

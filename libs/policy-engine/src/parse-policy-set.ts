import { canonicalDigest, sha256 } from '@countersign/kernel';
import { parseCatalogue } from './parse-catalogue.ts';
import { parseDirectory } from './parse-directory.ts';
import type { Diagnostic } from './policy-engine.ts';
import { PolicySetError } from './policy-set-error.ts';
import type { PolicyFile, PolicySet } from './policy-set.ts';

export const SCHEMA_FILE = 'schema.cedarschema';
export const DIRECTORY_FILE = 'directory.yaml';
export const RESOURCES_FILE = 'resources.yaml';
const NAMED_FILES = [SCHEMA_FILE, DIRECTORY_FILE, RESOURCES_FILE];

export const isPolicyFile = (path: string): boolean => path.endsWith('.cedar');
export const isTestFile = (path: string): boolean => path.endsWith('.test.yaml');

/** Whether a path belongs to a set; tests and anything else in the folder don't. */
export const belongsToSet = (path: string): boolean => isPolicyFile(path) || NAMED_FILES.includes(path);

export interface ManifestEntry {
  readonly path: string;
  /** sha256 of the content's UTF-8. */
  readonly digest: string;
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

export const manifestOf = (files: readonly PolicyFile[]): readonly ManifestEntry[] =>
  files.map(({ path, content }) => ({ path, digest: sha256(content) })).sort(byPath);

const missingFiles = (files: readonly PolicyFile[]): readonly Diagnostic[] => {
  const paths = new Set(files.map(({ path }) => path));
  const missing = NAMED_FILES.filter((path) => !paths.has(path));
  if (![...paths].some(isPolicyFile)) missing.push('*.cedar');
  return missing.map((file) => ({ file, code: 'missing_file', message: 'A policy set needs this file.' }));
};

const foreignFiles = (files: readonly PolicyFile[]): readonly Diagnostic[] => {
  const seen = new Set<string>();
  return files.flatMap(({ path: file }) => {
    if (seen.has(file))
      return [{ file, code: 'duplicate_file', message: 'This path stands in the set twice.' }];
    seen.add(file);
    return belongsToSet(file)
      ? []
      : [
          {
            file,
            code: 'foreign_file',
            message: 'A set holds *.cedar, its schema, directory.yaml and resources.yaml.',
          },
        ];
  });
};

const contentOf = (files: readonly PolicyFile[], wanted: string): readonly PolicyFile[] =>
  files.filter(({ path }) => path === wanted);

/**
 * Files → set, or a `PolicySetError` with everything that was found. Cedar's own text is checked when an
 * engine loads the set.
 */
export const parsePolicySet = (files: readonly PolicyFile[]): PolicySet => {
  const [{ directory, diagnostics: inDirectory } = { diagnostics: [] }] = contentOf(
    files,
    DIRECTORY_FILE,
  ).map(parseDirectory);
  const [{ catalogue, diagnostics: inCatalogue } = { diagnostics: [] }] = contentOf(
    files,
    RESOURCES_FILE,
  ).map(parseCatalogue);
  const diagnostics = [...missingFiles(files), ...foreignFiles(files), ...inDirectory, ...inCatalogue];
  if (directory === undefined || catalogue === undefined || diagnostics.length > 0) {
    throw new PolicySetError(diagnostics);
  }
  return {
    digest: canonicalDigest(manifestOf(files)),
    directoryDigest: canonicalDigest(directory),
    files: [...files].sort(byPath),
    directory,
    catalogue,
  };
};

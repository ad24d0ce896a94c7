import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const versions = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  name: z.string(),
  exports: z.record(z.string(), z.unknown()).default({}),
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A workspace package; `folder` and the paths of its sources are relative to the root. */
export type Package = {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sources: readonly string[];
};

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

export const readManifest = (path: string): Manifest => manifestSchema.parse(JSON.parse(readText(path)));

const folders = ['apps/*', 'libs/*', 'libs/domain/*', 'libs/adapters/*', 'libs/services/*'];

export const packages: readonly Package[] = globSync(folders, { cwd: root })
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .toSorted()
  .map((folder) => ({
    folder,
    manifest: readManifest(`${folder}/package.json`),
    sources: globSync(`${folder}/{src,bin}/**/*.{ts,mjs}`, { cwd: root }).toSorted(),
  }));

/** Specs and what only they use: never built. */
export const isSpec = (path: string): boolean => /(\.spec|spec-helpers)\.ts$|\/spec-support\//.test(path);

/** What a source file imports, dynamic imports and re-exports included. */
export const importsOf = (path: string): readonly string[] =>
  ts.preProcessFile(readText(path), true, true).importedFiles.map((found) => found.fileName);

/** `@scope/name` or `name` of a bare import. */
export const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

export const isRelative = (specifier: string): boolean => specifier.startsWith('.');

export const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:');

/** The offending lines of a check over every source of every package, as `path: what`. */
export const offences = (
  check: (file: { path: string; pkg: Package }) => readonly string[],
  among: readonly Package[] = packages,
): readonly string[] =>
  among.flatMap((pkg) =>
    pkg.sources.flatMap((path) => check({ path, pkg }).map((what) => `${relative('.', path)}: ${what}`)),
  );

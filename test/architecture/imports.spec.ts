import { globSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  importsOf,
  isBuiltin,
  isRelative,
  isSpec,
  offences,
  packageOf,
  packages,
  readManifest,
  readText,
  root,
} from './workspace.ts';

const rootTools = Object.keys(readManifest('package.json').devDependencies);
const byName = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]));

describe('imports', () => {
  it('enter a lib by a door that its package.json names, never deeper', () => {
    const isDeep = (specifier: string): boolean => {
      const target = byName.get(packageOf(specifier));
      const door = `.${specifier.slice(packageOf(specifier).length)}`;
      return target !== undefined && !(door in target.manifest.exports);
    };
    expect(offences(({ path }) => importsOf(path).filter(isDeep))).toEqual([]);
  });

  it('never leave their package by a relative path', () => {
    const leaves = (path: string, folder: string) => (specifier: string) =>
      isRelative(specifier) && relative(folder, join(dirname(path), specifier)).startsWith('..');
    expect(offences(({ path, pkg }) => importsOf(path).filter(leaves(path, pkg.folder)))).toEqual([]);
  });

  it("don't use a lib's own door from within", () => {
    const ownDoor = (path: string, name: string) => (specifier: string) =>
      specifier === name ||
      (isRelative(specifier) &&
        /(^|\/)index\.ts$/.test(specifier) &&
        dirname(join(dirname(path), specifier)).endsWith('/src'));
    expect(
      offences(({ path, pkg }) =>
        isSpec(path) ? [] : importsOf(path).filter(ownDoor(path, pkg.manifest.name)),
      ),
    ).toEqual([]);
  });

  it('are declared by the package they stand in', () => {
    const undeclared = (pkg: (typeof packages)[number], path: string) => (specifier: string) => {
      if (isRelative(specifier) || isBuiltin(specifier)) return false;
      const name = packageOf(specifier);
      const { dependencies, devDependencies, peerDependencies } = pkg.manifest;
      return !(
        name in dependencies ||
        name in peerDependencies ||
        (isSpec(path) && (name in devDependencies || rootTools.includes(name) || byName.has(name)))
      );
    };
    expect(offences(({ path, pkg }) => importsOf(path).filter(undeclared(pkg, path)))).toEqual([]);
  });

  it('outside the packages are declared by the root', () => {
    const undeclared = (specifier: string): boolean =>
      !isRelative(specifier) &&
      !isBuiltin(specifier) &&
      !byName.has(packageOf(specifier)) &&
      !rootTools.includes(packageOf(specifier));
    expect(
      globSync(['test/**/*.ts', 'scripts/**/*.mjs', '*.ts'], { cwd: root }).flatMap((path) =>
        importsOf(path)
          .filter(undeclared)
          .map((specifier) => `${path}: ${specifier}`),
      ),
    ).toEqual([]);
  });

  it('are all that a package declares', () => {
    const unused = packages.flatMap(({ folder, manifest, sources }) => {
      const importedBy = (paths: readonly string[]): ReadonlySet<string> =>
        new Set(paths.flatMap(importsOf).map(packageOf));
      const built = importedBy(sources.filter((path) => !isSpec(path)));
      const tested = importedBy(sources.filter(isSpec));
      return [
        ...Object.keys(manifest.dependencies).filter((name) => !built.has(name)),
        ...Object.keys(manifest.devDependencies).filter((name) => !tested.has(name)),
      ].map((name) => `${folder}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it('name Node built-ins by their scheme', () => {
    const bare =
      /^(assert|buffer|child_process|crypto|events|fs|http|https|module|net|os|path|perf_hooks|process|stream|url|util|worker_threads|zlib)(\/|$)/;
    expect(offences(({ path }) => importsOf(path).filter((specifier) => bare.test(specifier)))).toEqual([]);
  });

  it('of the pure domain reach the kernel, the domain and nothing with effects', () => {
    const domain = packages.filter((pkg) => pkg.folder.startsWith('libs/domain/'));
    const allowed = (specifier: string): boolean =>
      isRelative(specifier) ||
      specifier === 'uuid' ||
      specifier === '@countersign/kernel' ||
      specifier.startsWith('@countersign/domain-');
    expect(domain).toHaveLength(5);
    expect(
      offences(
        ({ path }) => (isSpec(path) ? [] : importsOf(path).filter((specifier) => !allowed(specifier))),
        domain,
      ),
    ).toEqual([]);
  });
});

describe('sources', () => {
  it('name every export: no `export *`', () => {
    const stars = (path: string) => readText(path).match(/^\s*export\s+\*.*$/gm) ?? [];
    expect(offences(({ path }) => stars(path))).toEqual([]);
  });

  it('of the pure domain read no clock and roll no dice', () => {
    const effects =
      /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|randomUUID|randomBytes|uuid\.?v[147]\b|setTimeout|setInterval|fetch)\b/g;
    const domain = packages.filter((pkg) => pkg.folder.startsWith('libs/domain/'));
    expect(
      offences(({ path }) => (isSpec(path) ? [] : (readText(path).match(effects) ?? [])), domain),
    ).toEqual([]);
  });

  it('read the environment in one file per process', () => {
    const readers =
      /^((libs\/service-host|libs\/dev-stack|apps\/cli)\/src\/(.*\/)?environment\.ts$|libs\/testing\/|.*\/src\/testing\/)/;
    const reads = /\bprocess\s*(\??\.\s*env\b|\[\s*['"`]env)|\bfrom 'node:process'/g;
    expect(
      offences(({ path }) => (isSpec(path) || readers.test(path) ? [] : (readText(path).match(reads) ?? []))),
    ).toEqual([]);
  });
});

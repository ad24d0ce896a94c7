import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packages, readManifest, readText } from './workspace.ts';

const rootManifest = { folder: '.', manifest: readManifest('package.json') };
const declared = [rootManifest, ...packages].flatMap(({ folder, manifest }) =>
  [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies, manifest.peerDependencies]
    .flatMap((versions) => Object.entries(versions))
    .map(([name, version]) => ({ folder, name, version })),
);

describe('dependencies', () => {
  it('are pinned to one exact version', () => {
    const exact = /^(npm:[@\w/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
    expect(declared.filter(({ version }) => !exact.test(version))).toEqual([]);
  });

  it('have the same version wherever they are declared', () => {
    const found = new Map<string, Set<string>>();
    for (const { name, version } of declared) found.set(name, (found.get(name) ?? new Set()).add(version));
    expect([...found].filter(([, versions]) => versions.size > 1)).toEqual([]);
  });

  it('are locked by content, without the address of a registry', () => {
    expect(readText('package-lock.json').match(/"resolved": "[a-z+]+:.*/g)).toBeNull();
  });
});

const lockedSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      dependencies: z.record(z.string(), z.string()).default({}),
      devDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

describe('a package', () => {
  const { packages: locked } = lockedSchema.parse(JSON.parse(readText('package-lock.json')));

  // npm ci refuses a lock file that knows less than the package.json files say.
  it.each(packages)('is locked as it declares itself: $folder', ({ folder, manifest }) => {
    expect(locked[folder]?.dependencies).toEqual(manifest.dependencies);
    expect(locked[folder]?.devDependencies).toEqual(manifest.devDependencies);
    expect(locked).toHaveProperty([`node_modules/${manifest.name}`]);
  });

  const referencesOf = (folder: string, config = 'tsconfig.json'): readonly string[] =>
    z
      .object({ references: z.array(z.object({ path: z.string() })).default([]) })
      .parse(JSON.parse(readText(`${folder}/${config}`)))
      .references.map(({ path }) => join(folder, path))
      .toSorted();

  it.each(packages)('builds after exactly the packages it depends on: $folder', ({ folder, manifest }) => {
    const wanted = packages.filter((other) => other.manifest.name in manifest.dependencies);
    expect(referencesOf(folder)).toEqual(wanted.map((other) => other.folder).toSorted());
  });

  it('is part of the build', () => {
    expect(referencesOf('.', 'tsconfig.build.json')).toEqual(packages.map(({ folder }) => folder).toSorted());
  });
});

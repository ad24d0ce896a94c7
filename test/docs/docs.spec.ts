import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packages, root } from '../architecture/workspace.ts';

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path));

const pages = [
  ...readdirSync(root).filter((path) => path.endsWith('.md')),
  ...['docs', 'apps', 'libs', 'deploy'].flatMap(markdownIn),
];

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Relative targets of a page's links, without their anchors. */
const linksOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);

/** `file`: “title”, “another” */
const CITATION = /`([^`]+\.spec\.ts)`: ((?:“[^”]+”(?:, )?)+)/g;

const citations = [...textOf('docs/security.md').matchAll(CITATION)].flatMap(([, file = '', titles = '']) =>
  [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
);

const hasTitle = ({ file, title }: { file: string; title: string }): boolean =>
  existsSync(join(root, file)) && textOf(file).replaceAll("\\'", "'").includes(title);

describe('the documents', () => {
  it.each(pages)('%s leads to files that exist', (page) => {
    const broken = linksOf(page).filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(broken).toEqual([]);
  });
});

describe('the decision records', () => {
  it('are all listed, and no number is taken twice', () => {
    const records = readdirSync(join(root, 'docs/adr')).filter((path) => /^\d{4}-/.test(path));
    expect(records.filter((path) => !textOf('docs/adr/README.md').includes(`](${path})`))).toEqual([]);
    expect(new Set(records.map((path) => path.slice(0, 4))).size).toBe(records.length);
  });
});

describe("the README's map", () => {
  it('names every folder of apps and libs', () => {
    const map = textOf('README.md').split('## The map of the house')[1] ?? '';
    const isNamed = (folder: string): boolean =>
      [folder, `${dirname(folder)}/*`].some(
        (name) => map.includes(`\`${name}\``) || map.includes(`(${name})`),
      );
    expect(packages.map(({ folder }) => folder).filter((folder) => !isNamed(folder))).toEqual([]);
  });
});

describe('the threat model', () => {
  it('names a test for each attack', () => {
    const rows = textOf('docs/security.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (attack|-)/.test(line));
    expect(rows.filter((row) => row.match(CITATION) === null)).toEqual([]);
  });

  it('names tests that exist, by file and title', () => {
    expect(citations.length).toBeGreaterThan(0);
    expect(citations.filter((citation) => !hasTitle(citation))).toEqual([]);
  });
});

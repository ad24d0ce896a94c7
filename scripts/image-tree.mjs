// Makes the tree that the image holds, from a built checkout:
//   node scripts/image-tree.mjs <empty folder>
// Compiled JavaScript and manifests of the image's packages, and node_modules with what these need in production.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { IMAGE_APPS, imageWorkspaces, workspaceFolders } from './lib/image-workspaces.mjs';
import { must } from './lib/run.mjs';
import { root } from './lib/workspace.mjs';

const [, , out] = process.argv;
if (!out) throw new Error('Name the folder to make: node scripts/image-tree.mjs <folder>');

const copy = (path, filter = () => true) =>
  cpSync(join(root, path), join(out, path), { recursive: true, filter });

/** Types and source maps are for those who build. */
const isRun = (path) => !/\.(d\.ts|map|tsbuildinfo)$/.test(path);

mkdirSync(out, { recursive: true });
for (const name of ['package.json', 'package-lock.json']) copy(name);
// npm compares the lock file with every manifest, and installs for those that are named.
const folders = [...workspaceFolders().values()];
for (const folder of folders) copy(join(folder, 'package.json'));
const names = IMAGE_APPS.map(
  (app) => JSON.parse(readFileSync(join(root, 'apps', app, 'package.json'), 'utf8')).name,
);
const flags = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
await must('npm', ['ci', ...flags, ...names.flatMap((name) => ['--workspace', name])], { cwd: out });
const kept = imageWorkspaces();
for (const folder of folders.filter((each) => !kept.includes(each))) {
  rmSync(join(out, folder), { recursive: true });
}
for (const folder of kept) copy(join(folder, 'dist'), isRun);
copy(join('apps', 'cli', 'bin'), (path) => extname(path) !== '.ts');

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './workspace.mjs';

/** What the image holds: the five services and the command line. */
export const IMAGE_APPS = ['intake', 'policy', 'notification', 'credentials', 'audit', 'cli'];

const readManifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/** Folder of every workspace package by its name. */
export function workspaceFolders() {
  const manifests = globSync(
    readManifest('.').workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  return new Map(manifests.map(dirname).map((folder) => [readManifest(folder).name, folder]));
}

/** Folders of the image's apps, and of every workspace package that they need when they run. */
export function imageWorkspaces() {
  const folders = workspaceFolders();
  const found = new Set();
  const waiting = IMAGE_APPS.map((app) => `apps/${app}`);
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (found.has(folder)) continue;
    found.add(folder);
    const needed = Object.keys(readManifest(folder).dependencies ?? {});
    waiting.push(...needed.flatMap((name) => folders.get(name) ?? []));
  }
  return [...found].toSorted((a, b) => a.localeCompare(b));
}

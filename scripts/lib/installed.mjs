import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

// Another platform's binaries stand in the lock file as optional, and are rightly not there.
const agrees = (wanted, found) =>
  found ? wanted.version === found.version && wanted.integrity === found.integrity : wanted.optional === true;

/**
 * Whether node_modules hold what package-lock.json asks for, by npm's own record of what it put there (written
 * last, so half an install has none). Contents are compared, not times: a checkout or a copy changes those.
 */
export function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  let found;
  try {
    found = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  } catch {
    return false;
  }
  return Object.entries(wanted)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, entry]) => agrees(entry, found[path]));
}

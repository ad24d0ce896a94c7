// Everything under scripts/ runs on the Node that a fresh machine has (20 or newer) with nothing installed.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const wantedMajor = 24;

/** The Node that runs Countersign: the one npm installed for this platform, else a recent enough own one. */
export function nodePath() {
  const installed = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(installed)) return installed;
  if (Number(process.versions.node.split('.')[0]) >= wantedMajor) return process.execPath;
  throw new Error(
    `Countersign needs Node ${wantedMajor} or newer, this is ${process.version}, and npm has none for ` +
      `${process.platform}-${process.arch}: install Node ${wantedMajor} and put it first on PATH.`,
  );
}

/** A tool's entry file inside node_modules, to be run by `nodePath()`: links in .bin would use the system's Node. */
export const tool = (...path) => join(root, 'node_modules', ...path);

export const tools = {
  nx: tool('nx', 'dist', 'bin', 'nx.js'),
  oxlint: tool('oxlint', 'bin', 'oxlint'),
  prettier: tool('prettier', 'bin', 'prettier.cjs'),
  tsc: tool('typescript7', 'bin', 'tsc'),
  vitest: tool('vitest', 'vitest.mjs'),
};

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInstalled } from './lib/installed.mjs';
import { progress } from './lib/progress.mjs';
import { run } from './lib/run.mjs';
import { nodePath, root, tools } from './lib/workspace.mjs';

/** Installs the packages when node_modules aren't what the lock file asks for. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  // Engine warnings speak of the system's Node, which installs but doesn't run what is installed.
  const { code, output } = await progress('installing packages (npm ci)', () =>
    run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund']),
  );
  if (code !== 0) throw new Error(`npm ci failed (exit ${code}):\n${output.trim()}`);
}

/** Compiles what changed; the compiler itself knows what that is, and needs well under a second to find nothing. */
export async function ensureBuilt() {
  const compile = () => run(nodePath(), [tools.tsc, '-b', 'tsconfig.build.json']);
  const fresh = !existsSync(join(root, 'libs', 'kernel', 'dist'));
  const { code, output } = await (fresh ? progress('building', compile) : compile());
  if (code !== 0) throw new Error(`the build failed:\n${output.trim()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled().then(ensureBuilt);
}

import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';
import { ensureNats } from './ensure-nats.mjs';
import { runForeground } from './lib/run.mjs';
import { nodePath, root } from './lib/workspace.mjs';

async function bench() {
  await ensureInstalled();
  const env = await ensureNats();
  await ensureBuilt();
  // The bench itself is run by Node as it stands; what it measures is what was built.
  const main = join(root, 'test', 'bench', 'main.ts');
  return runForeground(nodePath(), ['--no-warnings', main, ...process.argv.slice(2)], { env });
}

try {
  process.exitCode = await bench();
} catch (error) {
  console.error(`The benchmark can't run: ${error.message}`);
  process.exitCode = 1;
}

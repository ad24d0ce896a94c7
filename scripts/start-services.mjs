import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';
import { ensureNats } from './ensure-nats.mjs';
import { runForeground } from './lib/run.mjs';
import { nodePath, root } from './lib/workspace.mjs';

async function startServices() {
  await ensureInstalled();
  const [env] = await Promise.all([ensureNats(), ensureBuilt()]);
  const main = join(root, 'libs', 'dev-stack', 'dist', 'main.js');
  return runForeground(nodePath(), [main, ...process.argv.slice(2)], { env });
}

try {
  process.exitCode = await startServices();
} catch (error) {
  console.error(`Countersign can't start: ${error.message}`);
  process.exitCode = 1;
}

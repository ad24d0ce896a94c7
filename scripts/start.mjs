import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';
import { ensureNats } from './ensure-nats.mjs';
import { runForeground } from './lib/run.mjs';
import { nodePath, root } from './lib/workspace.mjs';

const sample = join(root, 'deploy', 'samples', 'acme');

async function start() {
  await ensureInstalled();
  const [nats] = await Promise.all([ensureNats(), ensureBuilt()]);
  const main = join(root, 'apps', 'all-in-one', 'dist', 'main.js');
  const env = {
    ...nats,
    COUNTERSIGN_MODE: 'development',
    COUNTERSIGN_POLICIES: process.env.COUNTERSIGN_POLICIES || sample,
    // The terminal is for the block of what to do next, and for cards.
    COUNTERSIGN_LOG_LEVEL: process.env.COUNTERSIGN_LOG_LEVEL || 'warn',
  };
  return runForeground(nodePath(), [main, ...process.argv.slice(2)], { env });
}

try {
  process.exitCode = await start();
} catch (error) {
  console.error(`Countersign can't start: ${error.message}`);
  process.exitCode = 1;
}

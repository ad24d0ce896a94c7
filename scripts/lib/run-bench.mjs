import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from '../bootstrap.mjs';
import { ensureNats } from '../ensure-nats.mjs';
import { runForeground } from './run.mjs';
import { nodePath, root } from './workspace.mjs';

/** Ends as the benchmark ends; `main` is its path in the repository. */
export async function runBench(main) {
  try {
    await ensureInstalled();
    const env = await ensureNats();
    await ensureBuilt();
    // The bench itself is run by Node as it stands; what it measures is what was built.
    process.exitCode = await runForeground(
      nodePath(),
      ['--no-warnings', join(root, main), ...process.argv.slice(2)],
      { env },
    );
  } catch (error) {
    console.error(`The benchmark can't run: ${error.message}`);
    process.exitCode = 1;
  }
}

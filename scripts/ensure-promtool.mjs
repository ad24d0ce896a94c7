import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { progress } from './lib/progress.mjs';
import { must, run } from './lib/run.mjs';
import { tool } from './lib/workspace.mjs';
import { which } from './lib/which.mjs';

const folder = tool('.cache', 'countersign', 'promtool');
const program = join(folder, 'usr', 'bin', 'promtool');

/**
 * Gets the promtool that checks the alert rules, where that is possible without asking: Debian's package is fetched
 * (19 MB) and unpacked, not installed, since that would start a server. Where it can't be had, that test says that it
 * was skipped, and why.
 * @returns {Promise<Record<string, string>>} the environment that tells the tests where it is; empty without it
 */
export async function ensurePromtool() {
  const found = which('promtool') ?? ((await fetched()) ? program : undefined);
  return found ? { COUNTERSIGN_PROMTOOL: found } : {};
}

async function fetched() {
  if ((await run(program, ['--version'])).code === 0) return true;
  if (!which('apt-get') || !which('dpkg-deb')) return false;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const download = () => run('apt-get', ['-q', 'download', 'prometheus'], { cwd: folder });
  return progress("fetching promtool out of the system package 'prometheus' (19 MB)", async () => {
    // The lists of packages are root's to fetch; whoever isn't does with those there are.
    if ((await download()).code !== 0) {
      await run('apt-get', ['-q', 'update']);
      if ((await download()).code !== 0) return false;
    }
    const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    await must('dpkg-deb', ['--extract', join(folder, archive), folder]);
    for (const name of [archive, 'usr/bin/prometheus', 'usr/share', 'etc']) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
    return (await run(program, ['--version'])).code === 0;
  });
}

// System packages by apt, where that is possible without asking: as root, or with passwordless sudo.
import { progress } from './progress.mjs';
import { must, run } from './run.mjs';
import { which } from './which.mjs';

/** What to put before a command that needs root, or undefined where that would mean asking. */
async function asRoot() {
  if (process.getuid?.() === 0) return [];
  const allowed = which('sudo') && (await run('sudo', ['-n', 'true'])).code === 0;
  return allowed ? ['sudo', '-n'] : undefined;
}

/**
 * Says which package it installs, and installs it; the package lists are fetched only where it isn't found.
 * @param {string} name
 * @param {{around?: (asRoot: string[], install: () => Promise<void>) => Promise<void>}} options `around` may do
 * something before and after
 * @returns {Promise<boolean>} false where there is no apt, or it would have to ask
 */
export async function installByApt(name, { around = (_, install) => install() } = {}) {
  const sudo = which('apt-get') ? await asRoot() : undefined;
  if (!sudo) return false;
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
    return [command, rest];
  };
  const install = apt('install', '-y', '--no-install-recommends', name);
  await progress(`installing the system package '${name}' (apt-get install ${name})`, () =>
    around(sudo, async () => {
      if ((await run(...install)).code === 0) return;
      await must(...apt('update'));
      await must(...install);
    }),
  );
  return true;
}

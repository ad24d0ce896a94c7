import { pathToFileURL } from 'node:url';
import { installNats } from './lib/install-nats.mjs';
import { which } from './lib/which.mjs';

/**
 * Finds a NATS server, or gets one.
 * @returns {Promise<Record<string, string>>} the environment that tells a process about it: nothing to add where
 * NATS_URL names a running one, else COUNTERSIGN_NATS_SERVER, the path of the program to start
 */
export async function ensureNats() {
  if (process.env.NATS_URL) return {};
  return { COUNTERSIGN_NATS_SERVER: which('nats-server') ?? (await installNats()) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log((await ensureNats()).COUNTERSIGN_NATS_SERVER ?? process.env.NATS_URL);
}

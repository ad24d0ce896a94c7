import { installByApt } from './lib/apt.mjs';
import { which } from './lib/which.mjs';

/**
 * Gets the pg_dump that one end-to-end test holds back, where that is possible without asking. Where it isn't, that
 * test says that it was skipped, and why.
 */
export async function ensurePgDump() {
  if (which('pg_dump')) return;
  await installByApt('postgresql-client');
}

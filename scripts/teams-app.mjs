import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { storedZip } from './lib/stored-zip.mjs';
import { root } from './lib/workspace.mjs';

const USAGE =
  'npm run teams:app -- --app-id <the Microsoft app id> --host <host name> [--ask-graph] [--out <file.zip>]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/**
 * The package that Teams takes an app from: the manifest with the app's id and host in it, and its icons. Reading
 * messages is asked for only where that is wanted.
 */
async function appPackage(appId, host, askGraph) {
  const folder = join(root, 'deploy', 'teams');
  const template = await readFile(join(folder, 'manifest.json'), 'utf8');
  const { authorization, webApplicationInfo, ...plain } = JSON.parse(
    template.replaceAll('APP_ID', appId).replaceAll('HOST', host),
  );
  // Teams takes an app that it has only with another version.
  const asking = { ...plain, version: '1.1.0', webApplicationInfo, authorization };
  const manifest = JSON.stringify(askGraph ? asking : plain, undefined, 2);
  const icons = ['color.png', 'outline.png'].map(async (name) => ({
    name,
    content: await readFile(join(folder, name)),
  }));
  return storedZip([
    { name: 'manifest.json', content: Buffer.from(manifest) },
    ...(await Promise.all(icons)),
  ]);
}

try {
  const { values } = parseArgs({
    options: {
      'app-id': { type: 'string', default: '' },
      host: { type: 'string', default: '' },
      'ask-graph': { type: 'boolean', default: false },
      out: { type: 'string', default: 'countersign-teams.zip' },
    },
  });
  if (!UUID.test(values['app-id']) || !HOST.test(values.host)) throw new Error(`Usage: ${USAGE}`);
  const appId = values['app-id'].toLowerCase();
  await writeFile(values.out, await appPackage(appId, values.host, values['ask-graph']));
  console.log(`${values.out} is the app's package; upload it at Teams, Apps, Manage your apps.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

import { resolve } from 'node:path';
import {
  createServiceKeys,
  folderHolding,
  keysFolderOf,
  loadKeyRing,
  publicFolderOf,
  rotateKey,
} from '@countersign/keys-file';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { answer, type Cli } from '../cli.ts';

/** A name that signs nothing yet is more likely mistyped than wanted. */
const requireKnown = (folder: string, name: string): void => {
  if (loadKeyRing(folder).all(name).length > 0) return;
  throw new CliError(
    'usage',
    `There is no key "${name}" in ${folder}; its public folder names those there are.`,
    {
      field: 'name',
    },
  );
};

interface RotateOptions {
  readonly folder?: string;
  readonly json?: boolean;
}

const addRotate = (keys: Command, cli: Cli): void => {
  keys
    .command('rotate')
    .summary('replace a key by a new one, which signs from the next start on')
    .description(
      'Replaces the private key. The public half of the old one stays, so that what it signed still verifies.',
    )
    .argument('<name>', 'a service (intake, policy, …), grant-token or receipt')
    .option('--folder <folder>', 'a folder that "keys create" made; the keys of the data folder without it')
    .option('--json', 'answer with JSON')
    .action((name: string, options: RotateOptions) => {
      const folder = options.folder ?? keysFolderOf(cli.environment.dataFolder);
      requireKnown(folder, name);
      const { kid } = rotateKey(folderHolding(folder, name), name, publicFolderOf(folder));
      answer(cli, options, { name, kid }, () => `${name} signs as ${kid} from the next start on.\n`);
    });
};

const addCreate = (keys: Command, cli: Cli): void => {
  keys
    .command('create')
    .summary('make the keys of five services apart')
    .description(
      'Makes <folder>/<service>, each for that service alone (COUNTERSIGN_KEYS), and <folder>/public for all of ' +
        'them (COUNTERSIGN_PUBLIC_KEYS). Keys that are there stay. No private key is printed.',
    )
    .argument('<folder>', 'on a machine that you trust')
    .option('--json', 'answer with JSON')
    .action((path: string, options: { readonly json?: boolean }) => {
      const folder = resolve(path);
      const made = createServiceKeys(folder).map(({ name, kid }) => ({ name, kid }));
      const lines = made.map(({ name, kid }) => `${name.padEnd(22)} ${kid}\n`);
      answer(cli, options, { folder, keys: made }, () => `${lines.join('')}The keys are in ${folder}.\n`);
    });
};

export const addKeys = (program: Command, cli: Cli): void => {
  const keys = program.command('keys').summary('operators: the keys that services sign with');
  addCreate(keys, cli);
  addRotate(keys, cli);
};

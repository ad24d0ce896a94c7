import { keysFolderOf, loadKeyRing, rotateKey } from '@countersign/keys-file';
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

export const addKeys = (program: Command, cli: Cli): void => {
  const keys = program.command('keys').summary('operators: the signing keys of a data folder');
  keys
    .command('rotate')
    .summary('replace a key by a new one, which signs from the next start on')
    .description(
      'Replaces the private key. The public half of the old one stays, so that what it signed still verifies.',
    )
    .argument('<name>', 'a service (intake, policy, …), grant-token or receipt')
    .option('--json', 'answer with JSON')
    .action((name: string, options: { readonly json?: boolean }) => {
      const folder = keysFolderOf(cli.environment.dataFolder);
      requireKnown(folder, name);
      const { kid } = rotateKey(folder, name);
      answer(cli, options, { name, kid }, () => `${name} signs as ${kid} from the next start on.\n`);
    });
};

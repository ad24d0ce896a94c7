import { parseDurationMs } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import type { Command } from 'commander';
import { answer, type Cli } from '../cli.ts';
import { parsePrincipal } from '../principal.ts';

interface TokenOptions {
  readonly as: string;
  readonly initiator?: string;
  readonly ttl: string;
  readonly json?: boolean;
}

export const addToken = (program: Command, cli: Cli): void => {
  program
    .command('token')
    .summary('development: print a token for a principal of the directory')
    .requiredOption('--as <principal>', `like alice or 'Agent::"etl-bot"'`)
    .option('--initiator <person>', 'the person acting through it')
    .option('--ttl <duration>', 'how long it is valid', '1h')
    .option('--json', 'answer with JSON')
    .action(async (options: TokenOptions) => {
      const identity = {
        as: parsePrincipal(options.as, '--as'),
        initiator: options.initiator,
        ttlMs: parseDurationMs(options.ttl),
      };
      const token = await mintDevelopmentToken(cli.environment.dataFolder, identity, cli.nowMs());
      answer(cli, options, { token }, () => `${token}\n`);
    });
};

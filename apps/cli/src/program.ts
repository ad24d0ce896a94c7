import { Command, CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { addAudit } from './commands/audit.ts';
import { addKeys } from './commands/keys.ts';
import { addPolicy } from './commands/policy.ts';
import { addRequests } from './commands/requests.ts';
import { addReviews } from './commands/reviews.ts';
import { addRun } from './commands/run.ts';
import { addStore } from './commands/store.ts';
import { addToken } from './commands/token.ts';
import { addWatch } from './commands/watch.ts';
import { jsonLine } from './cli.ts';
import { exitCodeOf, exitCodeTable } from './exit-code.ts';
import { errorJson, errorText } from './render/error-text.ts';
import type { CliEnvironment } from './environment.ts';
import type { Terminal } from './terminal.ts';

const SETTINGS = `
Settings:
  COUNTERSIGN_URL                  where Countersign listens
  COUNTERSIGN_TOKEN_FILE           a file with your token, read again for each call
  COUNTERSIGN_TOKEN                your token
  COUNTERSIGN_EXECUTOR_TOKEN_FILE  for run --executor (or COUNTERSIGN_EXECUTOR_TOKEN)
  COUNTERSIGN_DATA                 the data folder, for --as, token, keys and store (.countersign)
  COUNTERSIGN_EVENT_STORE          for store: the log, with COUNTERSIGN_EVENT_STORE_USER and _PASSWORD_FILE
`;

const addCommands = (program: Command, cli: Cli): void => {
  addRun(program, cli);
  addRequests(program, cli);
  addReviews(program, cli);
  addWatch(program, cli);
  addPolicy(program, cli);
  addAudit(program, cli);
  addKeys(program, cli);
  addStore(program, cli);
  addToken(program, cli);
};

const buildProgram = (cli: Cli): Command => {
  const program = new Command('countersign')
    .description(
      'Ask for a privileged action, decide on one, run exactly what was approved, read the record.',
    )
    .addHelpText(
      'after',
      `${SETTINGS}\nExit codes:\n${exitCodeTable()}\n  run otherwise exits with the command’s own status`,
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.terminal.out(text),
      writeErr: (text) => cli.terminal.err(text),
    });
  addCommands(program, cli);
  return program;
};

/** What stands after `--` belongs to the command that is to be run. */
const wantsJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
};

/** Runs one command line and gives the status to exit with; whatever fails has been said on stderr. */
export const runCli = async (
  argv: readonly string[],
  terminal: Terminal,
  environment: CliEnvironment,
): Promise<number> => {
  let status = 0;
  const cli: Cli = {
    terminal,
    environment,
    nowMs: Date.now,
    exitWith: (code) => {
      status = code;
    },
  };
  try {
    await buildProgram(cli).parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(wantsJson(argv) ? jsonLine(errorJson(error)) : errorText(error));
    return exitCodeOf(error);
  }
};

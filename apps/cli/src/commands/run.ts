import { guard, type CountersignClient, type GuardOptions, type GuardResult } from '@countersign/client';
import { parseDurationMs } from '@countersign/kernel';
import type { Command } from 'commander';
import { actionRequestOf, collect, executorOf, withAction, type ActionOptions } from '../action-options.ts';
import { CliError } from '../cli-error.ts';
import { jsonLine, type Cli } from '../cli.ts';
import {
  connect,
  connectExecutor,
  withConnection,
  type ConnectionOptions,
} from '../connection/connection.ts';
import { errorJson, errorText } from '../render/error-text.ts';
import {
  bindCommand,
  contextOf,
  requireUnchanged,
  type CommandBinding,
  type Surroundings,
} from '../run/command-binding.ts';
import { Progress } from '../run/progress.ts';
import { SignalRouter } from '../run/signal-router.ts';
import { outcomeOf, startCommand, type Ended } from '../run/start-command.ts';

interface RunOptions extends ActionOptions, ConnectionOptions {
  readonly bindEnv?: readonly string[];
  readonly timeout?: string;
  readonly patience: string;
}

const surroundingsOf = ({ environment }: Cli): Surroundings => ({
  cwd: process.cwd(),
  variable: (name) => environment.variable(name),
});

/** The first signal cancels the request; a second one leaves at once, and the request to its deadline. */
const cancelOnSignal = (abort: AbortController): SignalRouter =>
  new SignalRouter((signal) => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(signal);
  });

/** What one run is made of, once the command line has been read. */
interface Held {
  readonly binding: CommandBinding;
  readonly surroundings: Surroundings;
  readonly abort: AbortController;
  readonly signals: SignalRouter;
  readonly progress: Progress;
}

const start = async (cli: Cli, { binding, surroundings, abort, signals }: Held): Promise<Ended> => {
  await requireUnchanged(binding, surroundings);
  if (abort.signal.aborted) throw new CliError('interrupted', 'Interrupted before the command started.');
  return startCommand(binding, cli.environment.childVariables(), signals);
};

const guardOptions = (
  options: RunOptions,
  redeemer: CountersignClient | undefined,
  { binding, surroundings, abort, progress }: Held,
): GuardOptions<Ended> => ({
  idempotencyKey: options.idempotencyKey,
  redeemer,
  timeoutMs: options.timeout === undefined ? undefined : parseDurationMs(options.timeout),
  signal: abort.signal,
  onChange: (view) => progress.show(view),
  beforeRedemption: async () => {
    await requireUnchanged(binding, surroundings);
    progress.close();
  },
  outcomeOf,
});

const conclude = (cli: Cli, json: boolean, result: GuardResult<Ended>): void => {
  const { requestId, outcome, value, reportError } = result;
  if (json) cli.terminal.err(jsonLine({ requestId, outcome, exitCode: value.status }));
  if (reportError !== undefined) {
    const said = json ? jsonLine(errorJson(reportError)) : errorText(reportError);
    cli.terminal.err(
      json ? said : `countersign: the command ran, but its outcome was not reported.\n${said}`,
    );
  }
  cli.exitWith(value.status);
};

const run = async (cli: Cli, argv: readonly string[], options: RunOptions): Promise<void> => {
  const json = options.json === true;
  const surroundings = surroundingsOf(cli);
  const binding = await bindCommand(argv, options.bindEnv ?? [], surroundings);
  const request = actionRequestOf(options, contextOf(binding));
  const patienceMs = parseDurationMs(options.patience);
  const client = connect(cli, options, patienceMs);
  const redeemer = connectExecutor(cli, options, executorOf(options), patienceMs);
  const abort = new AbortController();
  const progress = new Progress(cli.terminal, json);
  const held: Held = { binding, surroundings, abort, progress, signals: cancelOnSignal(abort) };
  try {
    const settings = guardOptions(options, redeemer, held);
    conclude(cli, json, await guard(client, request, async () => start(cli, held), settings));
  } finally {
    progress.close();
    held.signals.close();
  }
};

export const addRun = (program: Command, cli: Cli): void => {
  withConnection(withAction(program.command('run')))
    .summary('ask for approval of a command, and run exactly that command once')
    .description(
      'Binds the argv, the working directory, the content of the executable and the variables named with ' +
        '--bind-env to the request, waits, checks that all of it still holds, spends the approval, and runs the ' +
        'command on this terminal, without any COUNTERSIGN_* variable. Exits with the command’s own status. ' +
        'stdout is the command’s alone; --json writes JSON lines to stderr.',
    )
    .option('--bind-env <NAME>', 'bind the value of this variable (shown as SHA-256); repeatable', collect)
    .option('--timeout <duration>', 'cancel when nobody has decided by then, like 10m')
    .option('--patience <duration>', 'give up when Countersign can’t be reached for so long', '30s')
    .argument('<command...>', 'the command and its arguments, after --')
    .action(async (argv: readonly string[], options: RunOptions) => run(cli, argv, options));
};

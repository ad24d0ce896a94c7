import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { OutcomeBody } from '@countersign/contracts';
import { CliError } from '../cli-error.ts';
import type { CommandBinding } from './command-binding.ts';
import type { SignalRouter } from './signal-router.ts';

export interface Ended {
  /** The command's own status, or 128 + n where signal n ended it, as shells say it. */
  readonly status: number;
  readonly signal?: NodeJS.Signals;
}

/** These a terminal sends to the whole foreground group: the command has them already. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/** Starts the bound command on our own terminal and stays until it has ended. Signals go on to it. */
export const startCommand = async (
  {
    argv: [program = '', ...args],
    executable,
    workingDirectory,
  }: Omit<CommandBinding, 'environment' | 'folderIdentity'>,
  variables: Readonly<Record<string, string>>,
  signals: SignalRouter,
): Promise<Ended> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(executable.path, args, {
    argv0: program,
    cwd: workingDirectory,
    env: variables,
    stdio: 'inherit',
    shell: false,
  });
  signals.handOver((signal) => {
    if (!(FROM_TERMINAL.has(signal) && process.stdin.isTTY)) child.kill(signal);
  });
  child.once('error', (cause) =>
    reject(new CliError('command_not_started', `${executable.path} could not be started.`, { cause })),
  );
  child.once('close', (status, signal) =>
    resolve(signal === null ? { status: status ?? 1 } : { status: 128 + constants.signals[signal], signal }),
  );
  return promise;
};

export const outcomeOf = ({ status, signal }: Ended): OutcomeBody => ({
  status: status === 0 ? 'succeeded' : 'failed',
  exitCode: Math.min(status, 255),
  ...(signal === undefined ? {} : { summary: `ended by ${signal}` }),
});

import { ConfigError } from '../config/config-error.ts';
import { processEnvironment } from '../config/environment.ts';
import { readConfig } from '../config/read-config.ts';
import { redactedConfig } from '../config/redacted-config.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createLogger } from '../telemetry/pino-logger.ts';
import { startProcess, type ProcessOptions, type RunningProcess } from './start-process.ts';

/** sysexits.h: a setting is wrong, restarting won't help. */
const EXIT_CONFIG = 78;
const EXIT_INTERRUPTED = 130;

export interface RunOptions extends ProcessOptions {
  /** Tells people that it serves, on stdout. */
  readonly announce?: (running: RunningProcess) => void;
}

/** The whole of a `main.ts`: reads the settings, starts, serves until a signal, drains, and exits. */
export const runProcess = async (options: RunOptions): Promise<void> => {
  const config = readConfigOrExit();
  const log = createLogger(config.logLevel, { process: options.name, mode: config.mode });
  log.info('The process starts.', { config: redactedConfig(config) });
  exitOnStrayErrors(log);
  const ending = new AbortController();
  const stopping = onSignals(log).then(() => ending.abort());
  try {
    const running = await startProcess({ ...options, ending: ending.signal }, config, log);
    options.announce?.(running);
    await stopping;
    process.exit((await running.stop()) ? 0 : 1);
  } catch (error) {
    if (error === ending.signal.reason) process.exit(0);
    tellWhyNotStarted(error);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
  }
};

const readConfigOrExit = (): ServiceConfig => {
  try {
    return readConfig(processEnvironment());
  } catch (error) {
    tellWhyNotStarted(error);
    return process.exit(EXIT_CONFIG);
  }
};

const tellWhyNotStarted = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
};

/** One Ctrl-C may come twice, from the terminal and forwarded by a parent: that is no impatience. */
const ONE_STOP_MS = 500;

/**
 * Resolves at the first SIGTERM or SIGINT, or when a parent that holds a channel to us is gone; a further
 * signal ends the process at once.
 */
const onSignals = (log: Logger): Promise<void> =>
  new Promise((resolve) => {
    let first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      const atMs = performance.now();
      const isEcho = first?.signal === signal && atMs - first.atMs < ONE_STOP_MS;
      if (first !== undefined && !isEcho) process.exit(EXIT_INTERRUPTED);
      if (first === undefined) log.info('A signal came.', { signal });
      first ??= { signal, atMs };
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    process.once('disconnect', () => {
      log.info('The parent is gone.');
      resolve();
    });
  });

/** What nobody caught leaves the process in a state nobody knows; the log is whole, so start anew. */
const exitOnStrayErrors = (log: Logger): void => {
  const exit = (error: unknown): never => {
    log.error('An error that nobody caught ends the process.', { error });
    process.exit(1);
  };
  process.on('uncaughtException', exit);
  process.on('unhandledRejection', exit);
};

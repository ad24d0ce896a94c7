import { readFile } from 'node:fs/promises';
import { CountersignClient, type Credentials } from '@countersign/client';
import type { EntityRef } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../cli.ts';
import { parsePrincipal } from '../principal.ts';

export interface ConnectionOptions {
  readonly url?: string;
  readonly as?: string;
  readonly initiator?: string;
  readonly json?: boolean;
}

/** Each attempt signs anew, so a token needs to live through one only. */
const DEVELOPMENT_TTL_MS = 60_000;

/** The options of every command that talks to the server. A token is none of them: argv is no place for it. */
export const withConnection = (command: Command): Command =>
  command
    .option('--url <url>', 'where Countersign listens (COUNTERSIGN_URL, else http://127.0.0.1:7420)')
    .option('--as <principal>', `development: who asks, like alice or 'Agent::"etl-bot"'`)
    .option('--initiator <person>', 'development, with --as: the person acting through it')
    .option('--json', 'answer with JSON');

const tokenFromFile = async (path: string): Promise<string> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new CliError('no_token', `The token file ${path} can't be read.`, { field: path, cause });
  }
};

const developmentToken =
  (cli: Cli, as: EntityRef, initiator?: string): (() => Promise<string>) =>
  async () =>
    mintDevelopmentToken(
      cli.environment.dataFolder,
      { as, initiator, ttlMs: DEVELOPMENT_TTL_MS },
      cli.nowMs(),
    );

const given = (token: string | undefined, tokenFile: string | undefined): Credentials | undefined => {
  if (token !== undefined) return { token };
  // Read for each attempt: whoever renews the file renews the token of a long wait.
  return tokenFile === undefined ? undefined : { tokenProvider: async () => tokenFromFile(tokenFile) };
};

const requireCredentials = (credentials: Credentials | undefined, message: string): Credentials => {
  if (credentials === undefined) throw new CliError('no_token', message);
  return credentials;
};

const credentialsOf = (cli: Cli, { as, initiator }: ConnectionOptions): Credentials => {
  if (as !== undefined)
    return { tokenProvider: developmentToken(cli, parsePrincipal(as, '--as'), initiator) };
  const { token, tokenFile } = cli.environment;
  return requireCredentials(given(token, tokenFile), 'No token says who you are.');
};

const baseUrlOf = (cli: Cli, { url }: ConnectionOptions): string => url ?? cli.environment.url;

/** Whoever types a command wants to hear soon that nobody answers. */
const PATIENCE_MS = 5_000;

/** `patienceMs`: how long to try while Countersign can't be reached. */
export const connect = (cli: Cli, options: ConnectionOptions, patienceMs = PATIENCE_MS): CountersignClient =>
  new CountersignClient({
    baseUrl: baseUrlOf(cli, options),
    deadlineMs: patienceMs,
    ...credentialsOf(cli, options),
  });

/** The named executor's own connection; undefined where the requester redeems for itself. */
export const connectExecutor = (
  cli: Cli,
  options: ConnectionOptions,
  executor: EntityRef | undefined,
  patienceMs: number,
): CountersignClient | undefined => {
  if (executor === undefined) return undefined;
  const { executorToken, executorTokenFile } = cli.environment;
  const development =
    options.as === undefined ? undefined : { tokenProvider: developmentToken(cli, executor) };
  const credentials = requireCredentials(
    given(executorToken, executorTokenFile) ?? development,
    'The executor redeems, so its token is needed too: set COUNTERSIGN_EXECUTOR_TOKEN_FILE.',
  );
  return new CountersignClient({ baseUrl: baseUrlOf(cli, options), deadlineMs: patienceMs, ...credentials });
};

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CheckedAppend, WholeLog } from '@countersign/event-archive';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { toEpochMs } from '@countersign/kernel';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../cli.ts';

export interface OpenLog {
  readonly store: WholeLog & { close(): Promise<void> };
  /** How many appends the store commits in their order, and all or none, where they are handed over in one turn. */
  readonly together: number;
  /** To be told of each append right before it is handed over. */
  readonly onAppend: (append: CheckedAppend) => void;
}

const SQLITE = /^sqlite:(.+)$/;
const TURN = 500;

/** The log that `--store` names, else the settings of a service, else that of the data folder. */
export const logAddress = (cli: Cli, given: string | undefined): string =>
  given ?? cli.environment.eventStore ?? `sqlite:${join(cli.environment.dataFolder, 'log')}`;

/** Opens a log. A SQLite log that isn't there is made only where something is to be put into it. */
export const openLog = async (cli: Cli, address: string, mayMake: boolean): Promise<OpenLog> => {
  const [, folder] = SQLITE.exec(address) ?? [];
  return folder === undefined ? openServer(cli, address) : openFolder(cli, resolve(folder), mayMake);
};

/** The time of commit is the recorded one, never a later one than now: clocks follow it, and must not run ahead. */
const openFolder = async (cli: Cli, folder: string, mayMake: boolean): Promise<OpenLog> => {
  if (!mayMake && !existsSync(join(folder, 'events.db'))) {
    throw new CliError('usage', `There is no log in ${folder}; name one with --store.`, { field: 'store' });
  }
  let committedMs = 0;
  const clock = { nowMs: () => Math.min(committedMs, cli.nowMs()) };
  const store = await SqliteEventStore.open({ folder, clock });
  const onAppend = ({ events }: CheckedAppend): void => {
    committedMs = toEpochMs(events.at(-1)?.committedAt ?? '');
  };
  return { store, together: TURN, onAppend };
};

/** Loaded where it is used: the client is what takes longest to load of all that the CLI knows. */
const openServer = async (cli: Cli, text: string): Promise<OpenLog> => {
  const { EsdbEventStore, parseEsdbAddress } = await import('@countersign/event-store-esdb');
  const store = new EsdbEventStore({
    address: parseEsdbAddress(text),
    login: loginOf(cli),
    name: 'countersign-store',
  });
  return { store, together: 1, onAppend: () => undefined };
};

const loginOf = ({ environment }: Cli): { readonly user: string; readonly password: string } | undefined => {
  const { eventStoreUser: user, eventStorePasswordFile: path } = environment;
  if (user === undefined || path === undefined) return undefined;
  try {
    return { user, password: readFileSync(path, 'utf8').trimEnd() };
  } catch (cause) {
    throw new CliError('usage', `The password file ${path} can't be read.`, { field: path, cause });
  }
};

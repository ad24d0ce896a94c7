import {
  ArchiveReader,
  checkArchive,
  importLog,
  LogExport,
  type ArchiveSummary,
  type Imported,
} from '@countersign/event-archive';
import { AppendVerifier } from '@countersign/event-store';
import { loadPublicKeys } from '@countersign/keys-file';
import type { Command } from 'commander';
import { answer, jsonLine, type Cli } from '../cli.ts';
import { block } from '../render/blocks.ts';
import { readArchive, requireThere, STANDARD, writeArchive } from '../store/archive-file.ts';
import { EventCount } from '../store/event-count.ts';
import { logAddress, openLog, type OpenLog } from '../store/open-log.ts';

interface StoreOptions {
  readonly store?: string;
  readonly publicKeys?: string;
  readonly json?: boolean;
}

const STORE = 'sqlite:<folder> or esdb://host:port[,…]';
const KEYS =
  'a folder of public keys, like .countersign/keys/public: every append must be signed by one of them';

/** Streams of a log are gone through once: remembering what verified would only take memory. */
const verifierOf = ({ publicKeys }: StoreOptions): AppendVerifier | undefined => {
  if (publicKeys === undefined) return undefined;
  requireThere(publicKeys, 'public-keys');
  return new AppendVerifier(loadPublicKeys(publicKeys), 0);
};

const withLog = async <Result>(log: OpenLog, use: (log: OpenLog) => Promise<Result>): Promise<Result> => {
  try {
    return await use(log);
  } finally {
    await log.store.close();
  }
};

const counted = async <Result>(
  cli: Cli,
  doing: string,
  act: (tell: (events: number) => void) => Promise<Result>,
): Promise<Result> => {
  const count = new EventCount(cli.terminal, doing);
  try {
    return await act(count.tell);
  } finally {
    count.end();
  }
};

const modeOf = ({ mode }: ArchiveSummary): string =>
  mode === 'development' ? 'DEVELOPMENT' : (mode ?? 'none yet');

const summaryRows = (summary: ArchiveSummary) =>
  [
    ['mode', modeOf(summary)],
    ['log digest', summary.logDigest],
    ['file digest', summary.fileDigest],
  ] as const;

const exportStore = async (cli: Cli, file: string, options: StoreOptions): Promise<void> => {
  const verifier = verifierOf(options);
  const log = await openLog(cli, logAddress(cli, options.store), false);
  const summary = await withLog(log, ({ store }) =>
    counted(cli, 'exported', async (onProgress) => {
      const leaving = new LogExport(store, { verifier, onProgress });
      await writeArchive(leaving.chunks(), file);
      return leaving.summary;
    }),
  );
  const text = (): string => block([['events', String(summary.events)], ...summaryRows(summary)]);
  // Standard output is the archive's alone.
  if (file === STANDARD) cli.terminal.err(options.json === true ? jsonLine(summary) : text());
  else answer(cli, options, summary, text);
};

/** A file is read whole before anything is appended; what comes through a pipe can't be. */
const checkFirst = async (file: string, verifier: AppendVerifier | undefined): Promise<void> => {
  if (file !== STANDARD) await checkArchive(new ArchiveReader(readArchive(file), verifier));
};

const importedText = (imported: Imported): string =>
  block([
    ['events', `${imported.events}, of which ${imported.appended} were appended now`],
    ...summaryRows(imported),
    ['store', 'read back: the same log digest'],
  ]);

const importStore = async (cli: Cli, file: string, options: StoreOptions): Promise<void> => {
  if (file !== STANDARD) requireThere(file, 'file');
  const verifier = verifierOf(options);
  await checkFirst(file, verifier);
  const log = await openLog(cli, logAddress(cli, options.store), true);
  const imported = await withLog(log, (to) =>
    counted(cli, 'imported', (onProgress) =>
      importLog({ ...to, archive: new ArchiveReader(readArchive(file), verifier), onProgress }),
    ),
  );
  answer(cli, options, imported, () => importedText(imported));
};

export const addStore = (program: Command, cli: Cli): void => {
  const store = program.command('store').summary('operators: the log, from one store into another');
  store
    .command('export')
    .summary('write the whole log into a file')
    .description(
      'Writes the log as it stands, as JSON Lines. A SQLite log must not be in use; one on a server may be.',
    )
    .argument('<file>', 'a new file, or - for standard output')
    .option('--store <address>', `${STORE} (COUNTERSIGN_EVENT_STORE, else the data folder’s log)`)
    .option('--public-keys <folder>', KEYS)
    .option('--json', 'answer with JSON')
    .action((file: string, options: StoreOptions) => exportStore(cli, file, options));
  store
    .command('import')
    .summary('bring a file’s log into an empty store')
    .description(
      'Keeps order, streams, revisions, ids and bytes. Interrupted, it goes on when it is called again with the same file. Start no service on the store before it has ended well.',
    )
    .argument('<file>', 'what export wrote, or - for standard input')
    .requiredOption('--store <address>', STORE)
    .option('--public-keys <folder>', KEYS)
    .option('--json', 'answer with JSON')
    .action((file: string, options: StoreOptions) => importStore(cli, file, options));
};

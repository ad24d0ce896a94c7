import { canonicalJson } from '@countersign/kernel';
import { ArchiveError } from './archive-error.ts';
import type { ArchiveReader } from './archive-reader.ts';
import type { ArchiveSummary } from './log-export.ts';
import { envelopeOf, type CheckedAppend } from './checked-append.ts';
import { LogDigest, logRecord } from './log-digest.ts';
import { readLog, type WholeLog } from './read-log.ts';
import { StandingLog } from './standing-log.ts';

export interface ImportOptions {
  readonly store: WholeLog;
  readonly archive: ArchiveReader;
  /**
   * How many appends may be handed to the store in one turn: 1, unless the store commits those of a turn in
   * their order, and all or none. The order of the log rests on it.
   */
  readonly together: number;
  /** Told of each append right before the store is handed it. */
  readonly onAppend?: ((append: CheckedAppend) => void) | undefined;
  /** Told how many events stand so far. */
  readonly onProgress?: ((events: number) => void) | undefined;
}

export interface Imported extends ArchiveSummary {
  /** Events that weren't there before. */
  readonly appended: number;
}

/**
 * Brings a log into an empty store: order, streams, revisions, ids, bytes, and the appends that were signed.
 * - Crash: what was appended is the log's beginning; the same import again goes on from there.
 * - Duplicate: what stands already is compared, never appended again. A whole import again changes nothing.
 * - Conflict: a store that holds anything else is `store_not_empty`, before anything is appended.
 *
 * At the end the store's whole log is read back; `import_differs` where it isn't the archive's.
 */
export const importLog = async (options: ImportOptions): Promise<Imported> => {
  const { store, archive } = options;
  const standing = new StandingLog(store);
  const intake = new Intake(options);
  try {
    for await (const append of archive.appends()) {
      const stands = intake.appended === 0 && (await standing.holds(append));
      await (stands ? intake.skip(append) : intake.take(append));
    }
    if (intake.appended === 0) await standing.requireEnd();
    await intake.flush();
  } finally {
    await standing.close();
  }
  await requireSame(store, archive.summary);
  return { ...archive.summary, appended: intake.appended };
};

/** Hands appends over, so many in a turn, and never the next turn's before these are durable. */
class Intake {
  readonly #options: ImportOptions;
  #turn: CheckedAppend[] = [];
  #events = 0;
  appended = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  async skip({ events }: CheckedAppend): Promise<void> {
    this.#events += events.length;
    this.#options.onProgress?.(this.#events);
  }

  async take(append: CheckedAppend): Promise<void> {
    this.#turn.push(append);
    this.appended += append.events.length;
    if (this.#turn.length >= this.#options.together) await this.flush();
  }

  async flush(): Promise<void> {
    const { store, onAppend, onProgress } = this.#options;
    const turn = this.#turn;
    this.#turn = [];
    await Promise.all(
      turn.map((append) => {
        onAppend?.(append);
        return store.append(append.stream, append.expectedRevision, append.envelopes);
      }),
    );
    this.#events += turn.reduce((sum, { events }) => sum + events.length, 0);
    onProgress?.(this.#events);
  }
}

/** The digest of a store's log, read whole; see {@link LogDigest}. */
export const digestOf = async (
  store: WholeLog,
): Promise<{ readonly events: number; readonly logDigest: string }> => {
  const log = new LogDigest();
  for await (const events of readLog(store)) {
    for (const event of events) {
      log.add(logRecord(event.stream, event.revision, canonicalJson(envelopeOf(event))));
    }
  }
  return { events: log.events, logDigest: log.digest() };
};

const requireSame = async (store: WholeLog, { events, logDigest }: ArchiveSummary): Promise<void> => {
  const found = await digestOf(store);
  if (found.logDigest === logDigest) return;
  throw new ArchiveError(
    'import_differs',
    `The file holds ${events} events, ${logDigest}; the store gives back ${found.events}, ${found.logDigest}. Somebody else writes to it, or it is broken: don't use it.`,
  );
};

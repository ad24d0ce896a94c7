import { join } from 'node:path';
import { toTimestamp, type Clock } from '@countersign/kernel';
import { EventStoreError, firstRevision, settleConflict, validateAppend } from '@countersign/event-store';
import type {
  AppendResult,
  Category,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from '@countersign/event-store';
import { lockFolder, privateFile, privateFolder, type FolderLock } from './folder-lock.ts';
import { LiveLog } from './live-log.ts';
import { LogReader } from './log-reader.ts';
import type { WriterOptions } from './log-writer.ts';
import { errorOf, WriterClient } from './writer-client.ts';
import type { StoredRow, WriterAnswer } from './writer-protocol.ts';

export interface SqliteEventStoreOptions {
  /** Held by this process alone while the store is open; created with mode 0700. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Fault injection, for tests. */
  readonly faults?: WriterOptions;
}

export interface StoreCounters {
  /** Appends that were committed. */
  readonly appends: number;
  /** Transactions that were committed, each with one fsync of the write-ahead log. */
  readonly commits: number;
}

interface Parts {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly lock: FolderLock;
  readonly writer: WriterClient;
  readonly reader: LogReader;
  readonly log: LiveLog;
}

/**
 * The embedded log: one SQLite file in a folder that this process holds alone. One worker writes, with
 * group commit; reads run on the caller's thread over a connection that can't write.
 */
export class SqliteEventStore implements EventStore {
  readonly #parts: Parts;
  #appends = 0;
  #closing: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `store_locked` where another process holds the folder, `store_corrupt` or `store_unavailable` where the file can't be opened. */
  static async open({ folder, clock, faults = {} }: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    privateFolder(folder);
    const lock = lockFolder(folder);
    try {
      const path = join(folder, 'events.db');
      privateFile(path);
      const { client: writer, head } = await WriterClient.start({ ...faults, path });
      const reader = await openReader(path, writer);
      const log = new LiveLog(reader, head);
      writer.onCommit = (newHead) => log.advance(newHead);
      return new SqliteEventStore({ clock, lock, writer, reader, log });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * As the port says. A process that dies before the answer leaves all of the events or none; the same
   * append again tells. A failed commit fails every append that shared it.
   */
  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly EventEnvelope[],
  ): Promise<AppendResult> {
    this.#requireOpen();
    const texts = validateAppend(stream, expectedRevision, events);
    const first = firstRevision(expectedRevision);
    const { writer, clock } = this.#parts;
    const answer = await writer.append({ stream, first, texts, nowMs: clock.nowMs() });
    if (answer.kind === 'failed') throw errorOf(answer.failure);
    if (answer.kind === 'conflict') {
      const incoming = events.map(({ id }, index) => ({ id, text: texts[index] ?? '' }));
      return settleConflict({ stream, expectedRevision, incoming, ...metBy(answer) });
    }
    this.#appends += 1;
    const revision = first + texts.length - 1;
    return resultOf({ revision, position: answer.position, committedAtMs: answer.committedAtMs });
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#requireOpen();
    return this.#parts.reader.readStream(stream, options);
  }

  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    this.#requireOpen();
    return this.#parts.log.subscribe(options.from, options.categories, subscriber);
  }

  /** Why the store takes nothing more until it is opened anew; undefined while it does. */
  whyNotWritable(): string | undefined {
    return this.#parts.writer.dead?.message;
  }

  counters(): StoreCounters {
    return { appends: this.#appends, commits: this.#parts.writer.commits };
  }

  /** Answers what is in flight, ends the subscriptions, and gives the folder free. New calls are `store_closed`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { lock, log, reader, writer } = this.#parts;
    await log.close();
    await writer.drain();
    // The last connection to close folds the write-ahead log into the file: that must be the writer's.
    reader.close();
    await writer.close();
    lock.release();
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    throw new EventStoreError('store_closed', 'The event store is closed; this process is stopping.');
  }
}

const openReader = async (path: string, writer: WriterClient): Promise<LogReader> => {
  try {
    return new LogReader(path);
  } catch (error) {
    await writer.close();
    throw error;
  }
};

const resultOf = ({ revision, position, committedAtMs }: Omit<StoredRow, 'body'>): AppendResult => ({
  revision,
  position: String(position),
  committedAt: toTimestamp(committedAtMs),
});

const metBy = ({ head, met }: Extract<WriterAnswer, { kind: 'conflict' }>) => ({
  head,
  stored: met.map((row) => ({ text: row.body, result: resultOf(row) })),
});

import { join } from 'node:path';
import { deepFreeze, toTimestamp, type Clock } from '@countersign/kernel';
import {
  EventStoreError,
  firstRevision,
  sealedText,
  settleConflict,
  validateAppend,
} from '@countersign/event-store';
import type {
  AppendResult,
  Category,
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  LogEnd,
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
import { RecentLog } from './recent-log.ts';
import type { RecentStreamsOptions } from './recent-streams.ts';
import { errorOf } from './failure-error.ts';
import { WriterClient, type SettledAppend } from './writer-client.ts';

export interface SqliteEventStoreOptions extends RecentStreamsOptions {
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
  readonly recent: RecentLog;
  readonly live: LiveLog;
}

/**
 * The embedded log: one SQLite file in a folder that this process holds alone. One worker writes, with
 * group commit; reads run on the caller's thread, from memory or over a connection that can't write.
 */
export class SqliteEventStore implements EventStore, LogEnd {
  readonly #parts: Parts;
  #appends = 0;
  #closing: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `store_locked` where another process holds the folder, `store_corrupt` or `store_unavailable` where the file can't be opened. */
  static async open({
    folder,
    clock,
    faults = {},
    ...options
  }: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    privateFolder(folder);
    const lock = lockFolder(folder);
    try {
      const path = join(folder, 'events.db');
      privateFile(path);
      const { client: writer, head } = await WriterClient.start({ ...faults, path });
      const reader = await openReader(path, writer);
      const recent = new RecentLog(reader, head, options);
      const live = new LiveLog(recent);
      writer.onCommit = (newHead, appends) => {
        recent.advance(newHead, appends);
        live.announce();
      };
      writer.onDoubt = () => {
        recent.doubt();
        live.announce();
      };
      return new SqliteEventStore({ clock, lock, writer, reader, recent, live });
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
    const { writer, clock, recent } = this.#parts;
    const envelopes = events.map((event, index) => asStored(event, texts[index] ?? ''));
    const settled = await writer.append({ stream, first, texts, envelopes, nowMs: clock.nowMs() });
    if (settled.kind === 'failed') throw errorOf(settled.failure);
    if (settled.kind === 'conflict') {
      recent.forget(stream);
      const incoming = events.map(({ id }, index) => ({ id, text: texts[index] ?? '' }));
      return settleConflict({ stream, expectedRevision, incoming, ...metBy(settled) });
    }
    this.#appends += 1;
    return resultOf(settled.events);
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#requireOpen();
    return this.#parts.recent.readStream(stream, options);
  }

  subscribe(
    options: { readonly from?: Position | undefined; readonly categories: readonly Category[] },
    subscriber: Subscriber,
  ): Subscription {
    this.#requireOpen();
    return this.#parts.live.subscribe(options.from, options.categories, subscriber);
  }

  async head(): Promise<Position | undefined> {
    this.#requireOpen();
    const { head } = this.#parts.recent;
    return head === 0 ? undefined : String(head);
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
    const { lock, live, reader, writer } = this.#parts;
    await live.close();
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

/** What is stored is the text. Readers are given what it says, whatever becomes of the object it was made of. */
const asStored = (event: EventEnvelope, text: string): EventEnvelope =>
  sealedText(event) === text ? event : deepFreeze(JSON.parse(text) as EventEnvelope);

const resultOf = (events: readonly RecordedEvent[]): AppendResult => {
  const last = events.at(-1);
  if (last === undefined) throw new EventStoreError('store_corrupt', 'An append left no event.');
  const { revision, position, committedAt } = last;
  return { revision, position, committedAt };
};

const metBy = ({ head, met }: Extract<SettledAppend, { kind: 'conflict' }>) => ({
  head,
  stored: met.map(({ body, revision, position, committedAtMs }) => ({
    text: body,
    result: { revision, position: String(position), committedAt: toTimestamp(committedAtMs) },
  })),
});

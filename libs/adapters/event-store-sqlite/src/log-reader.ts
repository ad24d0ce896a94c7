import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { deepFreeze, isJsonObject, toTimestamp } from '@countersign/kernel';
import { EventStoreError } from '@countersign/event-store';
import type { EventEnvelope, LogBatch, LogEntry, ReadOptions, RecordedEvent } from '@countersign/event-store';
import { failureOf } from './sqlite-failure.ts';
import { errorOf } from './failure-error.ts';

type Row = Record<string, SQLOutputValue>;

const BATCH = 1_000;
/** SQLite's "no limit". */
const ALL = -1;
const LAST_REVISION = Number.MAX_SAFE_INTEGER;

const corrupt = (place: string, why: string, cause?: unknown): EventStoreError =>
  new EventStoreError('store_corrupt', `${place}: ${why} Restore the store; nothing may follow from it.`, {
    cause,
  });

const parseBody = (body: string, place: string): EventEnvelope => {
  let envelope: unknown;
  try {
    envelope = JSON.parse(body);
  } catch (cause) {
    throw corrupt(place, 'The event is no JSON.', cause);
  }
  if (!isWhole(envelope)) throw corrupt(place, 'The event is no envelope.');
  return envelope;
};

/** Shape alone, since replay is long: the rest was checked on the way in, and the signature tells of tampering. */
const isWhole = (value: unknown): value is EventEnvelope =>
  isJsonObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['type'] === 'string' &&
  typeof value['schemaVersion'] === 'number' &&
  isJsonObject(value['data']) &&
  isJsonObject(value['metadata']) &&
  isJsonObject(value['metadata']['signature']);

/** The events of one commit share their time: it is written out once. */
let lastCommit = { ms: 0, text: toTimestamp(0) };
const committedAt = (ms: number): string => {
  if (ms !== lastCommit.ms) lastCommit = { ms, text: toTimestamp(ms) };
  return lastCommit.text;
};

const toEvent = (stream: string, row: Row): RecordedEvent => {
  const revision = Number(row['revision']);
  return {
    ...parseBody(String(row['body']), `${stream}@${revision}`),
    stream,
    revision,
    position: String(row['position']),
    committedAt: committedAt(Number(row['committed_at'])),
  };
};

/** Parses on first use, once for all subscribers that share the batch. */
class RowEntry implements LogEntry {
  readonly stream: string;
  readonly #row: Row;
  #event: RecordedEvent | undefined;

  constructor(row: Row) {
    this.stream = String(row['name']);
    this.#row = row;
  }

  event(): RecordedEvent {
    this.#event ??= toEvent(this.stream, this.#row);
    return this.#event;
  }
}

/** Reads committed events over a connection of its own, which can't write. What isn't whole is `store_corrupt`. */
export class LogReader {
  readonly #db: DatabaseSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #after: StatementSync;
  readonly #head: StatementSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    this.#db.exec('PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16384;');
    const ofStream = `
      SELECT e.position, e.revision, e.committed_at, e.body
      FROM streams s CROSS JOIN events e ON e.stream_id = s.id WHERE s.name = ? AND e.position <= ? AND`;
    this.#forwards = this.#db.prepare(`${ofStream} e.revision >= ? ORDER BY e.revision LIMIT ?`);
    this.#backwards = this.#db.prepare(`${ofStream} e.revision <= ? ORDER BY e.revision DESC LIMIT ?`);
    this.#after = this.#db.prepare(`
      SELECT e.position, s.name, e.revision, e.committed_at, e.body
      FROM events e CROSS JOIN streams s ON s.id = e.stream_id WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`);
    this.#head = this.#db.prepare('SELECT max(position) AS head FROM events');
  }

  head(): number {
    return reading(() => Number(this.#head.get()?.['head'] ?? 0));
  }

  /** The stream as it is at `head`, deep-frozen; `size` in characters of canonical text. */
  readStream(
    stream: string,
    { direction = 'forwards', from, limit = ALL }: ReadOptions,
    head: number,
  ): { readonly events: readonly RecordedEvent[]; readonly size: number } {
    const forwards = direction === 'forwards';
    const rows = reading(() =>
      forwards
        ? this.#forwards.all(stream, head, from ?? 0, limit)
        : this.#backwards.all(stream, head, from ?? LAST_REVISION, limit),
    );
    const events = rows.map((row) => deepFreeze(toEvent(stream, row)));
    const start = forwards ? (from ?? 0) : events[0]?.revision;
    events.forEach(({ revision }, index) => {
      if (revision !== Number(start) + (forwards ? index : -index))
        throw corrupt(stream, 'A revision is missing.');
    });
    return { events, size: rows.reduce((sum, { body }) => sum + String(body).length, 0) };
  }

  /** The next events in log order, or undefined at the head. */
  readAfter(position: number, head: number): LogBatch | undefined {
    const rows = reading(() => this.#after.all(position, head, BATCH));
    if (rows.length === 0) return undefined;
    const last = Number(rows.at(-1)?.['position']);
    if (last !== position + rows.length)
      throw corrupt(`Position ${position}`, 'An event after it is missing.');
    return { entries: rows.map((row) => new RowEntry(row)), position: String(last) };
  }

  close(): void {
    this.#db.close();
  }
}

const reading = <Result>(read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw errorOf(failureOf(error));
  }
};

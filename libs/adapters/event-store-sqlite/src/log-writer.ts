import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { prepareSchema } from './log-schema.ts';
import { failureOf, POISONED, surelyNotCommitted, unconfirmed, uncertainFailure } from './sqlite-failure.ts';
import type { Failure, StoredRow, WriterAnswer, WriterAppend } from './writer-protocol.ts';

export interface WriterOptions {
  /** Fault injection: the file may not grow beyond so many pages. */
  readonly maxPages?: number | undefined;
  /** Fault injection: the disk doesn't confirm this commit, counted from 1. */
  readonly unconfirmedCommit?: number | undefined;
}

export interface Written {
  readonly answers: readonly WriterAnswer[];
  /** Whether this batch cost a commit, and with it one fsync of the write-ahead log. */
  readonly committed: boolean;
}

// The cache holds the inner pages of the indexes of a log of millions of streams. Checkpoints come every
// 16 MB, so that a page which many appends touch is copied back once.
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`;

const toStoredRow = (row: Record<string, SQLOutputValue>): StoredRow => ({
  position: Number(row['position']),
  revision: Number(row['revision']),
  committedAtMs: Number(row['committed_at']),
  body: String(row['body']),
});

const failAll = (appends: readonly WriterAppend[], failure: Failure): Written => ({
  answers: appends.map(({ sequence }) => ({ kind: 'failed', sequence, failure })),
  committed: false,
});

/**
 * The one writer of a log file. `write` commits many appends in one transaction, and answers when they are
 * durable. It runs in a worker, where it may block on the disk.
 */
export class LogWriter {
  readonly #db: DatabaseSync;
  readonly #findStream: StatementSync;
  readonly #addStream: StatementSync;
  readonly #findHead: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #readMet: StatementSync;
  #position: number;
  #committedAtMs: number;
  readonly #unconfirmedCommit: number | undefined;
  #commits = 0;
  #poisoned = false;

  constructor(path: string, options: WriterOptions = {}) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    this.#db.exec(SETTINGS);
    if (options.maxPages !== undefined) this.#db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    this.#unconfirmedCommit = options.unconfirmedCommit;
    prepareSchema(this.#db);
    this.#findStream = this.#db.prepare('SELECT id FROM streams WHERE name = ?');
    this.#addStream = this.#db.prepare('INSERT INTO streams (name) VALUES (?)');
    this.#findHead = this.#db.prepare('SELECT max(revision) AS head FROM events WHERE stream_id = ?');
    this.#addEvent = this.#db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
    this.#readMet = this.#db.prepare(`
      SELECT position, revision, committed_at, body FROM events
      WHERE stream_id = ? AND revision >= ? ORDER BY revision LIMIT ?`);
    const last = this.#db
      .prepare('SELECT position, committed_at FROM events ORDER BY position DESC LIMIT 1')
      .get();
    this.#position = Number(last?.['position'] ?? 0);
    this.#committedAtMs = Number(last?.['committed_at'] ?? 0);
  }

  /** Position of the last committed event; 0 for an empty log. */
  get head(): number {
    return this.#position;
  }

  /**
   * Commits all appends that meet the stream they expect, in one transaction. Where the transaction fails,
   * every append of the batch fails with it, and nothing of them is acknowledged.
   */
  write(appends: readonly WriterAppend[]): Written {
    if (this.#poisoned) return failAll(appends, POISONED);
    const before = { position: this.#position, committedAtMs: this.#committedAtMs };
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const answers = appends.map((append) => this.#append(append));
      if (this.#position === before.position) {
        this.#db.exec('ROLLBACK');
        return { answers, committed: false };
      }
      const failure = this.#commit();
      if (failure === undefined) return { answers, committed: true };
      this.#undo(before);
      return failAll(appends, failure);
    } catch (error) {
      this.#undo(before);
      return failAll(appends, failureOf(error));
    }
  }

  close(): void {
    this.#db.close();
  }

  #append({ sequence, stream, first, texts, nowMs }: WriterAppend): WriterAnswer {
    const known = this.#findStream.get(stream)?.['id'];
    const head = known === undefined ? -1 : Number(this.#findHead.get(known)?.['head'] ?? -1);
    if (head !== first - 1)
      return { kind: 'conflict', sequence, head, met: this.#met(known, first, texts.length) };
    const streamId = known ?? this.#addStream.run(stream).lastInsertRowid;
    this.#committedAtMs = Math.max(this.#committedAtMs, nowMs);
    for (const [index, text] of texts.entries()) {
      this.#addEvent.run(this.#position + 1, streamId, first + index, this.#committedAtMs, text);
      this.#position += 1;
    }
    return { kind: 'appended', sequence, position: this.#position, committedAtMs: this.#committedAtMs };
  }

  #met(streamId: SQLOutputValue | undefined, first: number, count: number): StoredRow[] {
    return streamId === undefined ? [] : this.#readMet.all(streamId, first, count).map(toStoredRow);
  }

  #commit(): Failure | undefined {
    this.#commits += 1;
    try {
      if (this.#commits === this.#unconfirmedCommit) throw unconfirmed();
      this.#db.exec('COMMIT');
      return undefined;
    } catch (error) {
      if (surelyNotCommitted(error)) return failureOf(error);
      this.#poisoned = true;
      return uncertainFailure(error);
    }
  }

  #undo(before: { readonly position: number; readonly committedAtMs: number }): void {
    this.#position = before.position;
    this.#committedAtMs = before.committedAtMs;
    try {
      // Some errors roll back by themselves.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      this.#poisoned = true;
    }
  }
}

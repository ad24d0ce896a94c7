import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { canonicalDigest, CodedError } from '@countersign/kernel';
import type { Projection, ViewRow, ViewStatements } from './projection.ts';

const IN_MEMORY = ':memory:';

/** Raise it when the follower's own tables change. */
const FORMAT = 1;

const OWN_SCHEMA = `
  CREATE TABLE follower_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE follower_streams (stream TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

// A view may fall behind by a crash, but must never be half written: NORMAL syncs at checkpoints only, so
// that losing power costs the newest rows together with their checkpoint. EXCLUSIVE keeps others out.
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 4000;
`;

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;

const viewLocked = (path: string, cause: unknown): CodedError<'view_locked'> =>
  new CodedError('view_locked', `Another process uses the view ${path}; stop it, or use another folder.`, {
    cause,
  });

type Shape = Pick<Projection, 'name' | 'version' | 'schema' | 'categories' | 'types' | 'unknownTypes'>;

const digestOf = ({ name, version, schema, categories, types, unknownTypes }: Shape): string =>
  canonicalDigest({ format: FORMAT, name, version, schema, categories, types, unknownTypes });

/**
 * The local, disposable SQLite view of a projection, for its follower to write and for queries to read.
 * A file made by another version of the projection, or that can't be read, is deleted and begun anew.
 */
export class View implements ViewStatements {
  readonly #path: string;
  readonly #schema: string;
  readonly #digest: string;
  readonly #statements = new Map<string, StatementSync>();
  #db: DatabaseSync;

  /** `:memory:` gives a view that ends with the process. The folder is made where it is missing. */
  constructor(path: string, projection: Shape) {
    this.#path = path;
    this.#schema = projection.schema;
    this.#digest = digestOf(projection);
    if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#db = this.#open() ?? this.#create();
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): ViewRow | undefined {
    return this.#prepared(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): ViewRow[] {
    return this.#prepared(sql).all(...values);
  }

  /** All or nothing; `work` must be synchronous. */
  transaction(work: () => void): void {
    this.#db.exec('BEGIN');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Throws everything away, the checkpoint too. */
  reset(): void {
    this.close();
    this.#db = this.#create();
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** The file as it is, where it belongs to this very projection. */
  #open(): DatabaseSync | undefined {
    if (this.#path === IN_MEMORY) return undefined;
    closeSync(openSync(this.#path, 'a', 0o600));
    const db = new DatabaseSync(this.#path);
    try {
      db.exec(SETTINGS);
      const made = db.prepare("SELECT value FROM follower_meta WHERE key = 'digest'").get()?.['value'];
      if (made === this.#digest) return db;
    } catch (error) {
      if (isBusy(error)) throw viewLocked(this.#path, error);
      // A new file, or one that can't be read: both are begun anew.
    }
    db.close();
    return undefined;
  }

  #create(): DatabaseSync {
    if (this.#path !== IN_MEMORY) {
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(this.#path + suffix, { force: true });
      closeSync(openSync(this.#path, 'a', 0o600));
    }
    const db = new DatabaseSync(this.#path);
    db.exec(SETTINGS);
    db.exec(`BEGIN; ${OWN_SCHEMA} ${this.#schema}; COMMIT;`);
    db.prepare("INSERT INTO follower_meta VALUES ('digest', ?)").run(this.#digest);
    return db;
  }
}

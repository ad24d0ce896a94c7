import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
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
// While a view is built for the first time nothing is synced: until `settle` the file counts for nothing.
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 4000;
`;

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

const resultCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;

const isBusy = (error: unknown): boolean => resultCode(error) === SQLITE_BUSY;

/** What may pass by itself, as a full disk does, is `view_unavailable`; all else stays what it is. */
const asViewError = (error: unknown): unknown => {
  const passing = [SQLITE_IOERR, SQLITE_FULL].includes(resultCode(error));
  if (!passing) return error;
  return new CodedError('view_unavailable', 'The view could not be written; make space on its disk.', {
    cause: error,
  });
};

const viewLocked = (path: string, cause: unknown): CodedError<'view_locked'> =>
  new CodedError('view_locked', `Another process uses the view ${path}; stop it, or use another folder.`, {
    cause,
  });

type Shape = Pick<Projection, 'name' | 'version' | 'schema' | 'categories' | 'types' | 'unknownTypes'>;

const digestOf = ({ name, version, schema, categories, types, unknownTypes }: Shape): string =>
  canonicalDigest({ format: FORMAT, name, version, schema, categories, types, unknownTypes });

/** Deletes the file of a view that nobody has open, and what SQLite keeps beside it. */
export const removeView = (path: string): void => {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
};

/** Puts one closed view's file in the place of another's. */
export const replaceView = (path: string, by: string): void => {
  removeView(path);
  renameSync(by, path);
};

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
  #settled = false;

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

  /** All or nothing; `work` must be synchronous. A full disk is `view_unavailable`. */
  transaction(work: () => void): void {
    this.#db.exec('BEGIN');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asViewError(error);
    }
  }

  /** Makes durable what was built so far: from here on the file is gone on with after a restart. */
  settle(): void {
    if (this.#settled) return;
    this.#db.exec('PRAGMA synchronous = FULL');
    this.run("INSERT OR REPLACE INTO follower_meta VALUES ('built', 'all synced')");
    // Syncs the whole file, also what earlier checkpoints copied into it without.
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = NORMAL');
    this.run("INSERT OR REPLACE INTO follower_meta VALUES ('settled', 'yes')");
    this.#settled = true;
  }

  /** Throws everything away, the checkpoint too. */
  reset(): void {
    this.#shut();
    this.#db = this.#create();
  }

  close(): void {
    if (!this.#db.isOpen) return;
    this.settle();
    this.#shut();
  }

  #shut(): void {
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
      if (this.#isOurs(db)) {
        db.exec('PRAGMA synchronous = NORMAL');
        this.#settled = true;
        return db;
      }
    } catch (error) {
      if (isBusy(error)) throw viewLocked(this.#path, error);
      // A new file, or one that can't be read: both are begun anew.
    }
    db.close();
    return undefined;
  }

  #isOurs(db: DatabaseSync): boolean {
    const meta = new Map(
      db
        .prepare('SELECT key, value FROM follower_meta')
        .all()
        .map(({ key, value }) => [key, value]),
    );
    return meta.get('digest') === this.#digest && meta.has('settled');
  }

  #create(): DatabaseSync {
    this.#settled = false;
    if (this.#path !== IN_MEMORY) {
      removeView(this.#path);
      closeSync(openSync(this.#path, 'a', 0o600));
    }
    const db = new DatabaseSync(this.#path);
    db.exec(`${SETTINGS} PRAGMA synchronous = OFF;`);
    db.exec(`BEGIN; ${OWN_SCHEMA} ${this.#schema}; COMMIT;`);
    db.prepare("INSERT INTO follower_meta VALUES ('digest', ?)").run(this.#digest);
    return db;
  }
}

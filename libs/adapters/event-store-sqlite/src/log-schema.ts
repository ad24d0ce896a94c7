import type { DatabaseSync } from 'node:sqlite';

const FORMAT = 1;

// No index over event ids: whether an append is a retry shows at the revisions it wants (settleConflict).
const SCHEMA = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    revision INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (stream_id, revision)
  ) STRICT;
  PRAGMA user_version = ${FORMAT};
`;

/** Creates the tables in a new file; a file of a newer format is refused. */
export const prepareSchema = (db: DatabaseSync): void => {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === FORMAT) return;
  if (version !== 0) throw new Error(`the file has format ${version}, this build knows ${FORMAT}`);
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
};

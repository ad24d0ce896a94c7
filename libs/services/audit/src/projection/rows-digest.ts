import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ViewStatements } from '@countersign/follower';

/** How many rows of each table are meant: the first so many. */
export interface RowCounts {
  readonly request: number;
  readonly fact: number;
}

const TABLES = ['request', 'fact'] as const;

/** Rows hashed in one turn. */
const STRETCH = 5_000;

const COLUMNS: Readonly<Record<keyof RowCounts, string>> = {
  request: 'seq, id, requested_at, requester, initiator, action, resource, digest',
  fact: 'seq, request, kind, value',
};

const selectRows = (table: keyof RowCounts): string => `
  SELECT json_group_array(json_array(${COLUMNS[table]})) AS rows
  FROM (SELECT * FROM ${table} WHERE seq > ? AND seq <= ? ORDER BY seq)`;

export const rowCounts = (view: ViewStatements): RowCounts => {
  const count = (table: keyof RowCounts): number =>
    Number(view.get(`SELECT max(seq) AS seq FROM ${table}`)?.['seq'] ?? 0);
  return { request: count('request'), fact: count('fact') };
};

/** base64url SHA-256 over the tables' rows in order, as JSON. Rows never change, so neither does this. */
export const rowsDigest = async (view: ViewStatements, counts: RowCounts): Promise<string> => {
  const hash = createHash('sha256');
  for (const table of TABLES) {
    hash.update(`${table}\n`);
    for (let from = 0; from < counts[table]; from += STRETCH) {
      const to = Math.min(from + STRETCH, counts[table]);
      hash.update(String(view.get(selectRows(table), from, to)?.['rows']));
      await nextTurn();
    }
  }
  return hash.digest('base64url');
};

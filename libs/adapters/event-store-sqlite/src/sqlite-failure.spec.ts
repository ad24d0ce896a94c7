import { describe, expect, it } from 'vitest';
import { failureOf, surelyNotCommitted } from './sqlite-failure.ts';

const sqliteError = (errcode: number): Error => Object.assign(new Error('failed'), { errcode });

describe('a failure of SQLite', () => {
  it.each([
    ['a full disk', 13, 'store_full'],
    ['a damaged page', 11, 'store_corrupt'],
    ['a file that is no database', 26, 'store_corrupt'],
    ['a failed write', 778, 'store_unavailable'],
    ['a failed fsync', 1034, 'store_unavailable'],
    ['a lock', 5, 'store_unavailable'],
  ])('of %s has its code', (_, errcode, code) => {
    expect(failureOf(sqliteError(errcode)).code).toBe(code);
  });

  it('leaves a commit in doubt where the write-ahead log may hold it whole', () => {
    expect(surelyNotCommitted(sqliteError(13))).toBe(true);
    expect(surelyNotCommitted(sqliteError(778))).toBe(true);
    expect(surelyNotCommitted(sqliteError(1034))).toBe(false);
    expect(surelyNotCommitted(new Error('what else'))).toBe(false);
  });
});

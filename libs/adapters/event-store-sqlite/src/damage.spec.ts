import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { appendNew, openStore, temporaryFolder, wholeLog } from './spec-helpers.ts';

/** A store of two streams with three events each, damaged behind its back. */
const damaged = async (sql: string) => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await appendNew(store, 'request-1', 3);
  await appendNew(store, 'request-2', 3);
  await store.close();
  const file = new DatabaseSync(join(folder, 'events.db'));
  file.exec(sql);
  file.close();
  return openStore(folder);
};

describe('a damaged log fails closed', () => {
  it.each([
    ['a body that is no JSON', `UPDATE events SET body = substr(body, 1, 40) WHERE position = 2`],
    ['a body that is no envelope', `UPDATE events SET body = '{"id":"x"}' WHERE position = 2`],
    ['a missing event', `DELETE FROM events WHERE position = 2`],
  ])('refuses to read over %s', async (_, sql) => {
    const store = await damaged(sql);
    await expect(store.readStream('request-1')).rejects.toMatchObject({ code: 'store_corrupt' });
    await expect(wholeLog(store)).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  it('still reads the streams that are whole', async () => {
    const store = await damaged(`UPDATE events SET body = '' WHERE position = 2`);
    expect(await store.readStream('request-2')).toHaveLength(3);
  });

  it('refuses a file that is no log', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'events.db'), 'this is no database, whatever its name says');
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  it('refuses a file of a newer format', async () => {
    await expect(damaged('PRAGMA user_version = 99')).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

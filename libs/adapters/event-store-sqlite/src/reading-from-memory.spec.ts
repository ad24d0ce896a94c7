import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventStore, RecordedEvent } from '@countersign/event-store';
import { someEvents } from '@countersign/event-store/contract';
import { isDeepFrozen } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { appendNew, openStore, temporaryFolder } from './spec-helpers.ts';

const revisionsIn = async (store: EventStore, stream: string): Promise<readonly number[]> =>
  (await store.readStream(stream)).map(({ revision }) => revision);

/** Behind the store's back: what is read from memory doesn't notice. */
const emptyTheFile = (folder: string): void => {
  const file = new DatabaseSync(join(folder, 'events.db'), { timeout: 5_000 });
  file.exec('DELETE FROM events');
  file.close();
};

describe('a stream read from memory', () => {
  it('is what the file holds, to the byte', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await appendNew(store, 'request-1', 2);
    await store.append('request-1', 1, someEvents('request-1', 1));
    const fromMemory = await store.readStream('request-1');
    await store.close();
    const reopened = await openStore(folder);
    expect(await reopened.readStream('request-1')).toEqual(fromMemory);
  });

  it('needs the file no more once it was appended here or read to its end', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await appendNew(store, 'request-1', 2);
    expect(await store.readStream('request-absent')).toEqual([]);
    emptyTheFile(folder);
    expect(await revisionsIn(store, 'request-1')).toEqual([0, 1]);
    const [last] = await store.readStream('request-1', { direction: 'backwards', limit: 1 });
    expect(last?.revision).toBe(1);
  });

  it('can be changed by no reader, wherever it comes from', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await appendNew(store, 'request-1', 2);
    const fromMemory = await store.readStream('request-1');
    expect(fromMemory.map(isDeepFrozen)).toEqual([true, true]);
    (fromMemory as RecordedEvent[]).pop();
    expect(await revisionsIn(store, 'request-1')).toEqual([0, 1]);
    await store.close();
    const fromFile = await (await openStore(folder)).readStream('request-1');
    expect(fromFile.map(isDeepFrozen)).toEqual([true, true]);
  });

  it('stays what was stored when the appended object is changed afterwards', async () => {
    const store = await openStore(temporaryFolder());
    const data = { rows: 10 };
    const events = someEvents('request-1', 'no-stream').map((event) => ({ ...event, data }));
    await store.append('request-1', 'no-stream', events);
    data.rows = 11;
    expect((await store.readStream('request-1'))[0]?.data).toEqual({ rows: 10 });
  });

  it('shows an append to whoever was answered, raced or not', async () => {
    const store = await openStore(temporaryFolder());
    const race = async (index: number): Promise<void> => {
      const stream = `request-${index % 4}`;
      for (let revision = -1; revision < 9; revision += 1) {
        const expected = revision < 0 ? 'no-stream' : revision;
        await store.append(stream, expected, someEvents(stream, expected)).catch(() => undefined);
        const seen = await revisionsIn(store, stream);
        expect(seen).toEqual(Array.from(seen, (_, at) => at));
        expect(seen.length).toBeGreaterThanOrEqual(revision + 2);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => race(index)));
  });

  it('is never behind what a subscriber was told', async () => {
    const store = await openStore(temporaryFolder());
    const behind: string[] = [];
    const all = Promise.withResolvers<void>();
    let told = 0;
    const subscription = store.subscribe(
      { categories: ['request'] },
      {
        onEvents: async (events) => {
          for (const { stream, revision } of events) {
            if (!(await revisionsIn(store, stream)).includes(revision)) behind.push(`${stream}@${revision}`);
          }
          told += events.length;
          if (told === 200) all.resolve();
        },
      },
    );
    const grow = async (stream: string): Promise<void> => {
      await appendNew(store, stream);
      for (let at = 0; at < 9; at += 1) await store.append(stream, at, someEvents(stream, at));
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => grow(`request-${index}`)));
    await Promise.race([all.promise, subscription.ended]);
    expect({ told, behind }).toEqual({ told: 200, behind: [] });
  });

  it('gives way to others, and is read from the file again', async () => {
    const store = await openStore(temporaryFolder(), { capacity: 40_000 });
    for (let index = 0; index < 60; index += 1) await appendNew(store, `request-${index}`, 2);
    for (let index = 0; index < 60; index += 1) {
      expect(await revisionsIn(store, `request-${index}`)).toEqual([0, 1]);
    }
  });

  it('is asked of the file again after a conflict', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await appendNew(store, 'request-1');
    await expect(appendNew(store, 'request-1')).rejects.toMatchObject({ code: 'wrong_expected_revision' });
    emptyTheFile(folder);
    expect(await store.readStream('request-1')).toEqual([]);
  });

  it('is asked of the file again when a commit is in doubt', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder, { faults: { unconfirmedCommit: 2 } });
    await appendNew(store, 'request-1');
    const doubtful = store.append('request-1', 0, someEvents('request-1', 0));
    await expect(doubtful).rejects.toMatchObject({ code: 'append_uncertain' });
    emptyTheFile(folder);
    expect(await store.readStream('request-1')).toEqual([]);
  });
});

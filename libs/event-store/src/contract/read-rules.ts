import { expect, it } from 'vitest';
import type { ReadOptions } from '../event-store.ts';
import type { TheStore } from './the-store.ts';
import { someEvents } from './sample-events.ts';

const STREAM = 'request-1';

export const readRules = (theStore: TheStore): void => {
  it('reads an absent stream as empty', async () => {
    expect(await theStore().readStream('request-absent')).toEqual([]);
  });

  it('sees its own append at once', async () => {
    const store = theStore();
    for (let revision = 0; revision < 10; revision += 1) {
      const expected = revision === 0 ? 'no-stream' : revision - 1;
      await store.append(STREAM, expected, someEvents(STREAM, expected));
      expect(await store.readStream(STREAM)).toHaveLength(revision + 1);
    }
  });

  const wholeAndParts: readonly (readonly [ReadOptions, readonly number[]])[] = [
    [{}, [0, 1, 2, 3, 4]],
    [{ from: 3 }, [3, 4]],
    [{ from: 5 }, []],
    [{ limit: 2 }, [0, 1]],
    [{ limit: 0 }, []],
    [{ from: 1, limit: 2 }, [1, 2]],
    [{ direction: 'backwards' }, [4, 3, 2, 1, 0]],
    [{ direction: 'backwards', limit: 1 }, [4]],
    [{ direction: 'backwards', from: 1 }, [1, 0]],
    [{ direction: 'backwards', from: 99, limit: 2 }, [4, 3]],
  ];
  it.each(wholeAndParts)('reads %j as the revisions %j', async (options, revisions) => {
    const store = theStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 5));
    await store.append('request-2', 'no-stream', someEvents('request-2', 'no-stream', 2));
    const read = await store.readStream(STREAM, options);
    expect(read.map(({ revision }) => revision)).toEqual(revisions);
  });
};

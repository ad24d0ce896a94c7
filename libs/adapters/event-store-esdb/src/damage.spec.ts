import { someEvents } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { servedStore } from './spec-helpers.ts';

const STREAM = 'grant-1';

describe('a stream that was deleted or truncated fails closed', () => {
  it('does not read as absent', async () => {
    const { dev, store } = await servedStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    dev.truncate(STREAM, 2);
    await expect(store.readStream(STREAM)).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  it('does not begin anew', async () => {
    const { dev, store } = await servedStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    dev.truncate(STREAM, 2);
    await expect(store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).rejects.toMatchObject({
      code: 'store_corrupt',
    });
    expect(await dev.store.readStream(STREAM)).toHaveLength(2);
  });

  it('does not read without its beginning', async () => {
    const { dev, store } = await servedStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 3));
    dev.truncate(STREAM, 1);
    await expect(store.readStream(STREAM)).rejects.toMatchObject({ code: 'store_corrupt' });
  });
});

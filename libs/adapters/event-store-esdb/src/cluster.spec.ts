import { someEvents } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { servedStore } from './spec-helpers.ts';

const STREAM = 'request-1';
const TWO_NODES = { ports: [0, 0] };

describe('a cluster', () => {
  it('is asked for its leader, and followed to another', async () => {
    const { dev, store } = await servedStore({}, TWO_NODES);
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    dev.lead(1);
    await store.append(STREAM, 0, someEvents(STREAM, 0));
    dev.lead(0);
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('is left for store_unavailable where no node takes an append, since nothing was sent', async () => {
    const { dev, store } = await servedStore({ patience: { totalMs: 1_000, callMs: 1_000 } });
    await dev.close();
    await expect(store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await expect(store.readStream(STREAM)).rejects.toMatchObject({ code: 'store_unavailable' });
    const { ended } = store.subscribe({ categories: ['request'] }, { onEvents: () => undefined });
    await expect(ended).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('a login', () => {
  const users = { users: { intake: 'secret:with colon' } };

  it('is sent with each call', async () => {
    const { store } = await servedStore({ login: { user: 'intake', password: 'secret:with colon' } }, users);
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });

  it.each([undefined, { user: 'intake', password: 'wrong' }])(
    'refused is store_unavailable: %j',
    async (login) => {
      const { store } = await servedStore({ login }, users);
      await expect(store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      await expect(store.readStream(STREAM)).rejects.toMatchObject({ code: 'store_unavailable' });
      const { ended } = store.subscribe({ categories: ['request'] }, { onEvents: () => undefined });
      await expect(ended).rejects.toMatchObject({ code: 'store_unavailable' });
    },
  );
});

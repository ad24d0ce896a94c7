import { describe, expect, it, vi } from 'vitest';
import { EventStoreError } from '@countersign/event-store';
import { Follower } from './follower.ts';
import { append, ErraticStore, follow, listing, memoryStore, seen, viewPath } from './spec-helpers.ts';
import { View } from './view.ts';

describe('a follower', () => {
  it('applies history, says that it caught up, and goes on live', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 2);
    const { follower, view, applied } = follow(store);
    await follower.caughtUp;
    expect(seen(view)).toEqual(['request-1@0', 'request-1@1']);
    expect(follower.status().state).toBe('live');
    await append(store, 'review-1');
    await applied(3);
    expect(seen(view).at(-1)).toBe('review-1@0');
    expect(follower.status().lastCommittedAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('gathers what comes while it rests after a live batch, and stops without resting', async () => {
    const store = memoryStore();
    const batches: number[] = [];
    const first = Promise.withResolvers<void>();
    const onApplied = (events: readonly unknown[]): void => {
      batches.push(events.length);
      first.resolve();
    };
    const path = viewPath();
    const view = new View(path, listing);
    const options = { store, view, projection: listing, onApplied };
    const resting = new Follower({ ...options, livePauseMs: 3_600_000 });
    resting.start();
    await resting.caughtUp;
    await append(store, 'request-1');
    await first.promise;
    for (const stream of ['request-2', 'request-3']) await append(store, stream);
    await resting.stop();
    expect(batches).toEqual([1]);
    const next = new Follower(options);
    next.start();
    await next.caughtUp;
    expect(batches).toEqual([1, 2]);
    await next.stop();
    view.close();
  });

  it('ignores categories and types that it does not follow', async () => {
    const store = memoryStore();
    await append(store, 'grant-1');
    await append(store, 'request-1');
    const { follower, view } = follow(store, ':memory:', { ...listing, types: ['SomethingElse'] });
    await follower.caughtUp;
    expect(seen(view)).toEqual([]);
  });

  it('applies a doubled event once', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 2);
    const [first, second] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { view } = follow(erratic);
    await erratic.deliver(first, first, second);
    await erratic.deliver(first, second);
    expect(seen(view)).toEqual(['request-1@0', 'request-1@1']);
  });

  it('fills a gap from the stream, in order, before it goes on', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 5);
    const [first, , , fourth, fifth] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { view } = follow(erratic);
    await erratic.deliver(first);
    await erratic.deliver(fourth, fifth);
    expect(seen(view)).toEqual([0, 1, 2, 3, 4].map((revision) => `request-1@${revision}`));
  });

  it('fills a gap within a batch', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 3);
    const [first, second, third] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { view } = follow(erratic);
    await erratic.deliver(third, first, second);
    expect(seen(view)).toEqual(['request-1@0', 'request-1@1', 'request-1@2']);
  });

  it('stops where the log cannot fill a gap', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 1);
    const [first] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { follower, view } = follow(erratic);
    await erratic.deliver({ ...first!, revision: 3 });
    await vi.waitFor(
      () => expect(follower.status()).toMatchObject({ state: 'failed', failure: { code: 'stream_gap' } }),
      { timeout: 10_000 },
    );
    expect(seen(view)).toEqual([]);
  });

  it('goes on after the store was away', async () => {
    const store = memoryStore();
    await append(store, 'request-1');
    const away = vi.fn<() => void>().mockImplementationOnce(() => {
      throw new EventStoreError('store_unavailable', 'The store is away.');
    });
    const flaky = Object.assign(new ErraticStore(store), {
      subscribe: (...args: Parameters<typeof store.subscribe>) => {
        away();
        return store.subscribe(...args);
      },
    });
    const { follower, view, problems } = follow(flaky);
    await follower.caughtUp;
    expect(seen(view)).toEqual(['request-1@0']);
    expect(problems).toMatchObject([{ code: 'store_unavailable' }]);
  });

  it('goes on when the disk of its view has space again', async () => {
    const store = memoryStore();
    const { follower, view, problems, applied } = follow(store);
    await follower.caughtUp;
    view.get('PRAGMA max_page_count = 1');
    for (let index = 0; index < 20; index += 1) await append(store, `request-${index}`, 0, 20);
    await vi.waitFor(() => expect(problems).not.toEqual([]), { timeout: 10_000 });
    expect(problems).toMatchObject([{ code: 'view_unavailable' }]);
    view.get('PRAGMA max_page_count = 100000');
    await applied(400);
    expect(seen(view)).toHaveLength(400);
    expect(follower.status().state).not.toBe('failed');
  });

  it('refuses to have caught up when it is stopped before', async () => {
    const { follower } = follow(new ErraticStore(memoryStore()));
    await follower.stop();
    await expect(follower.caughtUp).rejects.toMatchObject({ code: 'follower_stopped' });
    expect(follower.status().state).toBe('stopped');
  });
});

describe('a follower that must know every type', () => {
  it('stops at an unknown one and says so; everything before it stands', async () => {
    const store = memoryStore();
    await append(store, 'request-1', 0, 2);
    const [first, second] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { follower, view } = follow(erratic, ':memory:', { ...listing, unknownTypes: 'stop' });
    await erratic.deliver(first, { ...second!, type: 'PowerGranted' });
    await expect(follower.caughtUp).rejects.toMatchObject({ code: 'unknown_event_type' });
    expect(seen(view)).toEqual(['request-1@0']);
  });

  it('stops at a schema version from the future', async () => {
    const store = memoryStore();
    await append(store, 'request-1');
    const [first] = await store.readStream('request-1');
    const erratic = new ErraticStore(store);
    const { follower } = follow(erratic);
    await erratic.deliver({ ...first!, schemaVersion: 2 });
    await expect(follower.caughtUp).rejects.toMatchObject({ code: 'unknown_event_version' });
  });
});

describe('a view on disk', () => {
  it('goes on from its checkpoint', async () => {
    const store = memoryStore();
    const path = viewPath();
    await append(store, 'request-1', 0, 2);
    const before = follow(store, path);
    await before.follower.caughtUp;
    await before.stop();
    await append(store, 'request-1', 2);
    const after = follow(store, path);
    await after.follower.caughtUp;
    expect(after.follower.status().applied).toBe(1);
    expect(seen(after.view)).toEqual(['request-1@0', 'request-1@1', 'request-1@2']);
  });

  it('has rows and checkpoint from one transaction: an apply that fails leaves neither', async () => {
    const store = memoryStore();
    const path = viewPath();
    await append(store, 'request-1', 0, 3);
    const failing = follow(store, path, {
      ...listing,
      apply: (view, event) => {
        if (event.revision === 2) throw new Error('The projection is broken.');
        listing.apply(view, event);
      },
    });
    await expect(failing.follower.caughtUp).rejects.toThrow('broken');
    expect(seen(failing.view)).toEqual([]);
    await failing.stop();
    const mended = follow(store, path);
    await mended.follower.caughtUp;
    expect(seen(mended.view)).toEqual(['request-1@0', 'request-1@1', 'request-1@2']);
  });

  it.each([
    ['the version', { ...listing, version: 2 }],
    ['the schema', { ...listing, schema: `${listing.schema}; CREATE TABLE more (a TEXT) STRICT` }],
    ['the followed types', { ...listing, types: [...listing.types, 'ReviewOpened'] }],
  ])('is rebuilt when %s changes', async (_, changed) => {
    const store = memoryStore();
    const path = viewPath();
    await append(store, 'request-1', 0, 2);
    const before = follow(store, path);
    await before.follower.caughtUp;
    await before.stop();
    const after = follow(store, path, changed);
    await after.follower.caughtUp;
    expect(after.follower.status().applied).toBe(2);
    expect(seen(after.view)).toEqual(['request-1@0', 'request-1@1']);
  });

  it.each([1, 5])('is rebuilt when the store holds another log of %d events', async (count) => {
    const path = viewPath();
    const before = memoryStore();
    await append(before, 'request-1', 0, 3);
    const old = follow(before, path);
    await old.follower.caughtUp;
    await old.stop();
    const other = memoryStore();
    await append(other, 'request-1', 0, count);
    const fresh = follow(other, path);
    await fresh.follower.caughtUp;
    expect(fresh.follower.status().applied).toBe(count);
    expect(seen(fresh.view)).toHaveLength(count);
  });
});

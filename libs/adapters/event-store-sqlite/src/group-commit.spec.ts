import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { someEvents } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { appendNew, openStore, temporaryFolder } from './spec-helpers.ts';

describe('group commit', () => {
  it('costs one commit for all appends that wait together', async () => {
    const store = await openStore(temporaryFolder());
    await Promise.all(Array.from({ length: 100 }, (_, index) => appendNew(store, `request-${index}`)));
    expect(store.counters()).toEqual({ appends: 100, commits: 1 });
  });

  it('costs one commit per append where they come one by one', async () => {
    const store = await openStore(temporaryFolder());
    for (let index = 0; index < 5; index += 1) await appendNew(store, `request-${index}`);
    expect(store.counters()).toEqual({ appends: 5, commits: 5 });
  });

  it('costs nothing where nothing is appended', async () => {
    const store = await openStore(temporaryFolder());
    const events = someEvents('request-1', 'no-stream');
    await store.append('request-1', 'no-stream', events);
    await store.append('request-1', 'no-stream', events);
    await expect(appendNew(store, 'request-1')).rejects.toMatchObject({ code: 'wrong_expected_revision' });
    expect(store.counters()).toEqual({ appends: 1, commits: 1 });
  });

  it('lets the appends of one batch meet each other', async () => {
    const store = await openStore(temporaryFolder());
    const first = store.append('request-1', 'no-stream', someEvents('request-1', 'no-stream'));
    const second = store.append('request-1', 0, someEvents('request-1', 0));
    expect((await Promise.all([first, second])).map(({ revision }) => revision)).toEqual([0, 1]);
    expect(store.counters().commits).toBe(1);
  });
});

describe('the time of commit', () => {
  it('is that of the clock, but never goes back, not even over a restart', async () => {
    const folder = temporaryFolder();
    let nowMs = 5_000;
    const clock = { nowMs: () => nowMs };
    const store = await openStore(folder, { clock });
    expect((await appendNew(store, 'request-1')).committedAt).toBe('1970-01-01T00:00:05.000Z');
    nowMs = 1_000;
    expect((await appendNew(store, 'request-2')).committedAt).toBe('1970-01-01T00:00:05.000Z');
    await store.close();
    const reopened = await openStore(folder, { clock });
    expect((await appendNew(reopened, 'request-3')).committedAt).toBe('1970-01-01T00:00:05.000Z');
    nowMs = 6_000;
    expect((await appendNew(reopened, 'request-4')).committedAt).toBe('1970-01-01T00:00:06.000Z');
  });
});

describe('close', () => {
  it('answers what is in flight, then refuses with store_closed', async () => {
    const store = await openStore(temporaryFolder());
    const inFlight = Promise.all(
      Array.from({ length: 20 }, (_, index) => appendNew(store, `request-${index}`)),
    );
    await store.close();
    expect(await inFlight).toHaveLength(20);
    await expect(appendNew(store, 'request-late')).rejects.toMatchObject({ code: 'store_closed' });
    await expect(store.readStream('request-1')).rejects.toMatchObject({ code: 'store_closed' });
  });

  it('ends the subscriptions', async () => {
    const store = await openStore(temporaryFolder());
    const subscription = store.subscribe({ categories: ['request'] }, { onEvents: () => undefined });
    await store.close();
    await expect(subscription.ended).resolves.toBeUndefined();
  });
});

describe('the files', () => {
  it('are for their owner alone', async () => {
    const folder = join(temporaryFolder(), 'data', 'store');
    const store = await openStore(folder);
    await appendNew(store, 'request-1');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).mode & 0o777]);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    expect(modes.length).toBeGreaterThanOrEqual(3);
  });
});

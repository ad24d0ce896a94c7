import { expect, it } from 'vitest';
import type { EventStore, Position, RecordedEvent } from '../event-store.ts';
import { collect } from './collector.ts';
import type { TheStore } from './the-store.ts';
import { someEvents } from './sample-events.ts';

const open = (store: EventStore, stream: string, count = 1) =>
  store.append(stream, 'no-stream', someEvents(stream, 'no-stream', count));

export const subscriptionRules = (theStore: TheStore): void => {
  it('gives history in log order, says caughtUp once, and goes on live', async () => {
    const store = theStore();
    await open(store, 'request-1', 2);
    await open(store, 'request-2');
    const heard = collect(store, ['request']);
    await heard.caughtUp;
    await store.append('request-1', 1, someEvents('request-1', 1));
    await open(store, 'request-3');
    await heard.until(({ events }) => events.length === 5);
    expect(heard.log).toEqual([
      'request-1@0',
      'request-1@1',
      'request-2@0',
      'caughtUp',
      'request-1@2',
      'request-3@0',
    ]);
    await heard.subscription.close();
  });

  it('leaves no gap and no double between history and live while others append', async () => {
    const store = theStore();
    const streams = Array.from({ length: 300 }, (_, index) => `request-${index}`);
    const written: Promise<unknown>[] = streams.slice(0, 100).map((stream) => open(store, stream, 2));
    await Promise.all(written.slice(0, 50));
    const heard = collect(store, ['request']);
    for (const stream of streams.slice(100)) written.push(open(store, stream, 2));
    await Promise.all(written);
    await heard.until(({ events }) => events.length >= 600);
    expect(new Set(heard.events.map(({ stream, revision }) => `${stream}@${revision}`)).size).toBe(600);
    expect(heard.events).toHaveLength(600);
    await heard.subscription.close();
  });

  it('gives every subscriber the same order', async () => {
    const store = theStore();
    const early = collect(store, ['request']);
    await Promise.all(Array.from({ length: 40 }, (_, index) => open(store, `request-${index}`, 2)));
    const late = collect(store, ['request']);
    await Promise.all([early, late].map((heard) => heard.until(({ events }) => events.length === 80)));
    expect(late.events).toEqual(early.events);
    await Promise.all([early.subscription.close(), late.subscription.close()]);
  });

  it('resumes right after a position', async () => {
    const store = theStore();
    const { position } = await open(store, 'request-1', 2);
    await open(store, 'request-2');
    const heard = collect(store, ['request'], position);
    await heard.caughtUp;
    expect(heard.log).toEqual(['request-2@0', 'caughtUp']);
    await heard.subscription.close();
  });

  it('resumes without gap or double from any position that a batch gave', async () => {
    const store = theStore();
    const heard = collect(store, ['request']);
    await Promise.all(Array.from({ length: 20 }, (_, index) => open(store, `request-${index}`)));
    await heard.until(({ events }) => events.length >= 7);
    await heard.subscription.close();
    const resumed = collect(store, ['request'], heard.position);
    await resumed.caughtUp;
    const all = [...heard.events, ...resumed.events].map(({ stream }) => stream);
    expect(all).toHaveLength(20);
    expect(new Set(all).size).toBe(20);
    await resumed.subscription.close();
  });

  it('gives only the wanted categories, and advances the checkpoint where no event matches', async () => {
    const store = theStore();
    const heard = collect(store, ['review']);
    await heard.caughtUp;
    const { position } = await open(store, 'request-1');
    await heard.until((collector) => collector.position === position);
    await open(store, 'review-1');
    await heard.until(({ events }) => events.length === 1);
    expect(heard.log).toEqual(['caughtUp', 'review-1@0']);
    await heard.subscription.close();
  });

  it('waits with the next batch until the subscriber is done with the last', async () => {
    const store = theStore();
    await open(store, 'request-1');
    const { promise: firstBatch, resolve: entered } = Promise.withResolvers<void>();
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    const batches: (readonly RecordedEvent[])[] = [];
    const { promise: second, resolve: heardSecond } = Promise.withResolvers<void>();
    const subscription = store.subscribe(
      { categories: ['request'] },
      {
        onEvents: async (events) => {
          batches.push(events);
          if (batches.length > 1) return heardSecond();
          entered();
          return gate;
        },
      },
    );
    await firstBatch;
    await open(store, 'request-2');
    await open(store, 'request-3');
    expect(batches).toHaveLength(1);
    release();
    await second;
    await subscription.close();
  });

  it('ends with the error of its subscriber', async () => {
    const store = theStore();
    await open(store, 'request-1');
    const failure = new Error('The view is broken.');
    const subscription = store.subscribe(
      { categories: ['request'] },
      { onEvents: () => Promise.reject(failure) },
    );
    await expect(subscription.ended).rejects.toBe(failure);
    await open(store, 'request-2');
  });

  it('gives nothing more once it is closed', async () => {
    const store = theStore();
    const heard = collect(store, ['request']);
    await heard.caughtUp;
    await heard.subscription.close();
    await expect(heard.subscription.ended).resolves.toBeUndefined();
    await open(store, 'request-1');
    expect(heard.log).toEqual(['caughtUp']);
  });

  it.each<Position>(['elsewhere', '-1', '1e3', '99999999'])(
    'refuses %j, which is no position of this log',
    async (position) => {
      const heard = collect(theStore(), ['request'], position);
      await expect(heard.subscription.ended).rejects.toMatchObject({ code: 'unknown_position' });
    },
  );
};

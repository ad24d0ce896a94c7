import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { someEvents } from '@countersign/event-store/contract';
import type { EventStore, RecordedEvent, Subscriber, Subscription } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { onTestFinished } from 'vitest';
import { Follower } from './follower.ts';
import type { Projection } from './projection.ts';
import { View } from './view.ts';

export const memoryStore = (): MemoryEventStore => new MemoryEventStore({ nowMs: () => 0 });

export const append = (store: EventStore, stream: string, from = 0, count = 1) => {
  const expected = from === 0 ? 'no-stream' : from - 1;
  return store.append(stream, expected, someEvents(stream, expected, count));
};

/** Writes down each event it is given, in order. */
export const listing: Projection = {
  name: 'listing',
  version: 1,
  schema: 'CREATE TABLE seen (n INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE) STRICT',
  categories: ['request', 'review'],
  types: ['ActionRequested'],
  unknownTypes: 'ignore',
  apply: (view, { stream, revision }) =>
    view.run('INSERT INTO seen (place) VALUES (?)', `${stream}@${revision}`),
};

export const seen = (view: View): unknown[] =>
  view.all('SELECT place FROM seen ORDER BY n').map(({ place }) => place);

export const viewPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-view-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'listing.db');
};

export interface Following {
  readonly follower: Follower;
  readonly view: View;
  readonly problems: unknown[];
  /** Resolves when the follower applied so many events since its start. */
  applied(count: number): Promise<void>;
  /** Stops the follower and closes the view. */
  stop(): Promise<void>;
}

/** Follows with `listing`, or what is given instead. */
export const follow = (store: EventStore, path = ':memory:', projection: Projection = listing): Following => {
  const view = new View(path, projection);
  const problems: unknown[] = [];
  const waiting: (() => void)[] = [];
  const follower = new Follower({
    store,
    view,
    projection,
    onApplied: () => waiting.splice(0).forEach((wake) => wake()),
    onProblem: (problem) => problems.push(problem),
  });
  const applied = async (count: number): Promise<void> => {
    while (follower.status().applied < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    }
  };
  const stop = async (): Promise<void> => {
    await follower.stop();
    view.close();
  };
  onTestFinished(stop);
  follower.start();
  return { follower, view, problems, applied, stop };
};

/** A store whose subscriptions deliver what the test hands them: lost, doubled, out of order. */
export class ErraticStore implements EventStore {
  readonly #store: EventStore;
  readonly #subscribed = Promise.withResolvers<Subscriber>();
  readonly append: EventStore['append'];
  readonly readStream: EventStore['readStream'];

  constructor(store: EventStore) {
    this.#store = store;
    this.append = (...args) => this.#store.append(...args);
    this.readStream = (...args) => this.#store.readStream(...args);
  }

  subscribe(_options: unknown, subscriber: Subscriber): Subscription {
    const ended = Promise.withResolvers<void>();
    this.#subscribed.resolve({
      onEvents: async (events, position) => {
        try {
          await subscriber.onEvents(events, position);
        } catch (error) {
          ended.reject(error);
        }
      },
    });
    const close = (): Promise<void> => Promise.resolve(ended.resolve());
    return { ended: ended.promise, close };
  }

  /** Hands the subscriber these events as one batch, and waits until it is done. */
  async deliver(...events: (RecordedEvent | undefined)[]): Promise<void> {
    const subscriber = await this.#subscribed.promise;
    const batch = events.filter((event) => event !== undefined);
    await subscriber.onEvents(batch, batch.at(-1)?.position ?? '0');
  }
}

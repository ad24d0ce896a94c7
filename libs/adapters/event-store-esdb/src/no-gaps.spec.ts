import type { SubscriptionFault } from '@countersign/dev-event-store';
import type { EventStore, Position, Subscriber, Subscription } from '@countersign/event-store';
import { someEvents } from '@countersign/event-store/contract';
import { GapAuditor, type Acknowledged } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { servedStore, storeAt } from './spec-helpers.ts';

const QUICK = { pollMs: 50, patience: { totalMs: 2_000, callMs: 300 } };

/** Appends to a stream of its own each time. */
class Author {
  readonly acknowledged: Acknowledged[] = [];
  readonly #store: EventStore;

  constructor(store: EventStore) {
    this.#store = store;
  }

  async write(streams: number): Promise<void> {
    const first = this.acknowledged.length;
    await Promise.all(
      Array.from({ length: streams }, async (_, index) => {
        const stream = `request-${first + index}`;
        const { revision } = await this.#store.append(
          stream,
          'no-stream',
          someEvents(stream, 'no-stream', 3),
        );
        this.acknowledged.push({ stream, revision });
      }),
    );
  }
}

const expectWhole = async (auditor: GapAuditor, { acknowledged }: Author): Promise<void> => {
  await expect.poll(() => auditor.missing(acknowledged), { timeout: 10_000 }).toEqual([]);
  expect(auditor.faults).toEqual([]);
  expect(auditor.heard).toBe(acknowledged.length * 3);
};

const follow = (store: EventStore, auditor: GapAuditor): Subscription =>
  store.subscribe({ categories: ['request'] }, auditor);

describe('a subscription leaves no gap and no double', () => {
  const faults: readonly (readonly [string, readonly SubscriptionFault[]])[] = [
    ['at a hand-over to live that skips events', [{ kind: 'skip', count: 4 }]],
    ['at a hand-over to live that doubles events', [{ kind: 'double' }]],
    ['on a server that tells nothing more', [{ kind: 'deaf' }]],
    [
      'over reconnects that skip and double',
      [{ kind: 'cut', count: 2 }, { kind: 'skip', count: 2 }, { kind: 'cut', count: 1 }, { kind: 'double' }],
    ],
  ];
  it.each(faults)('%s', async (_, ordered) => {
    const { dev, store } = await servedStore(QUICK);
    dev.faults.order('subscribe', ...ordered);
    const author = new Author(dev.store);
    await author.write(10);
    const auditor = new GapAuditor();
    follow(store, auditor);
    for (let round = 0; round < 5; round += 1) {
      await author.write(10);
      await expect.poll(() => auditor.hasHeard(author.acknowledged)).toBe(true);
    }
    await expectWhole(auditor, author);
    expect(dev.faults.injected).toBeGreaterThan(0);
  });

  it('where a read of history is cut off, or never answered', async () => {
    const { dev, store } = await servedStore(QUICK);
    const author = new Author(dev.store);
    await author.write(20);
    dev.faults.order('read', { kind: 'cut', after: 7 }, { kind: 'hang' }, { kind: 'cut', after: 0 });
    const auditor = new GapAuditor();
    follow(store, auditor);
    await expectWhole(auditor, author);
    expect(dev.faults.injected).toBe(3);
  });

  it('over a history of many pages', async () => {
    const { dev, store } = await servedStore(QUICK);
    const author = new Author(dev.store);
    await author.write(400);
    const auditor = new GapAuditor();
    follow(store, auditor);
    await expectWhole(auditor, author);
  });
});

/** Applies a batch to the auditor and only then remembers its position, as a follower does in one transaction. */
class Processor implements Subscriber {
  checkpoint: Position | undefined;
  readonly #auditor: GapAuditor;
  readonly #crashAfter: number;
  #batches = 0;

  constructor(auditor: GapAuditor, crashAfter: number) {
    this.#auditor = auditor;
    this.#crashAfter = crashAfter;
  }

  onEvents(events: Parameters<Subscriber['onEvents']>[0], position: Position): void {
    if (this.#batches === this.#crashAfter) throw new Error('crash');
    this.#batches += 1;
    this.#auditor.onEvents(events);
    this.checkpoint = position;
  }
}

describe('a subscriber that crashes', () => {
  it('resumes from the last batch that it processed, without gap or double', async () => {
    const { dev } = await servedStore();
    const author = new Author(dev.store);
    const auditor = new GapAuditor();
    await author.write(400);
    let from: Position | undefined;
    for (let crashAfter = 0; crashAfter < 4; crashAfter += 1) {
      const store = storeAt(dev.address, QUICK);
      const processor = new Processor(auditor, crashAfter % 2);
      const writing = author.write(5);
      await store.subscribe({ from, categories: ['request'] }, processor).ended.catch(() => undefined);
      await writing;
      from = processor.checkpoint ?? from;
      await store.close();
    }
    const store = storeAt(dev.address, QUICK);
    store.subscribe({ from, categories: ['request'] }, auditor);
    await expectWhole(auditor, author);
    await store.close();
  });
});

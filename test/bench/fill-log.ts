import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { signAppend } from '@countersign/event-store';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { SystemClock, type Signer } from '@countersign/kernel';
import { keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';
import { copyThread, type ThreadTemplate } from './template.ts';

/** Threads in hand at once: the store commits them in groups. */
const LANES = 256;

/**
 * Appends whole, ended, really signed threads until the log of a stopped process holds so many events. They
 * are copies of threads that ran, so that whatever reads them finds what it would have found.
 */
export const fillLog = async (
  dataFolder: string,
  templates: readonly ThreadTemplate[],
  events: number,
): Promise<void> => {
  const signers = new Map<string, Signer>();
  const signer = (service: string): Signer => {
    const known = signers.get(service) ?? loadOrCreateKey(keysFolderOf(dataFolder), service);
    signers.set(service, known);
    return known;
  };
  const store = await SqliteEventStore.open({ folder: join(dataFolder, 'log'), clock: new SystemClock() });
  let head = await headOf(store);
  let threads = 0;
  const fillLane = async (): Promise<void> => {
    while (head < events) {
      const template = templates[threads % templates.length];
      if (template === undefined) return;
      threads += 1;
      const copy = copyThread(randomUUID(), template, threads);
      head += copy.reduce((count, append) => count + append.events.length, 0);
      for (const { stream, service, first, events: unsigned } of copy) {
        const expected = first === 0 ? 'no-stream' : first - 1;
        await store.append(stream, expected, signAppend(stream, first, unsigned, signer(service)));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, fillLane));
  } finally {
    await store.close();
  }
};

const headOf = async (store: SqliteEventStore): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let head = 0;
  const subscription = store.subscribe(
    { categories: [] },
    { onEvents: (_events, position) => void (head = Number(position)), onCaughtUp: resolve },
  );
  await promise;
  await subscription.close();
  return head;
};

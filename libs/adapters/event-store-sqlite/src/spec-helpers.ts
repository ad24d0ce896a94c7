import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore, RecordedEvent } from '@countersign/event-store';
import { someEvents } from '@countersign/event-store/contract';
import { onTestFinished } from 'vitest';
import { SqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.ts';

/** An empty folder that goes away with the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A store that is closed with the test. */
export const openStore = async (
  folder: string,
  options: Partial<SqliteEventStoreOptions> = {},
): Promise<SqliteEventStore> => {
  const store = await SqliteEventStore.open({ folder, clock: { nowMs: () => 0 }, ...options });
  onTestFinished(() => store.close());
  return store;
};

export const appendNew = (store: EventStore, stream: string, count = 1) =>
  store.append(stream, 'no-stream', someEvents(stream, 'no-stream', count));

/** The whole log, by a subscription. */
export const wholeLog = async (store: EventStore): Promise<readonly RecordedEvent[]> => {
  const log: RecordedEvent[] = [];
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  const onEvents = (events: readonly RecordedEvent[]): void => void log.push(...events);
  const subscription = store.subscribe({ categories: ['request'] }, { onEvents, onCaughtUp: resolve });
  await Promise.race([caughtUp, subscription.ended]);
  await subscription.close();
  return log;
};

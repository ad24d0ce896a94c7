import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEventStore } from '@countersign/event-store/contract';
import { SystemClock } from '@countersign/kernel';
import { SqliteEventStore } from './sqlite-event-store.ts';

describeEventStore('SqliteEventStore', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  const store = await SqliteEventStore.open({ folder, clock: new SystemClock() });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return { store, close };
});

import { rmSync } from 'node:fs';
import { DevEventStore } from '@countersign/dev-event-store';
import { describeEventStore } from '@countersign/event-store/contract';
import { storeAt, temporaryFolder } from './spec-helpers.ts';

describeEventStore('EsdbEventStore over the development server', async () => {
  const folder = temporaryFolder();
  const dev = await DevEventStore.start({ folder });
  const store = storeAt(dev.address);
  const close = async (): Promise<void> => {
    await store.close();
    await dev.close();
    rmSync(folder, { recursive: true });
  };
  return { store, close };
});

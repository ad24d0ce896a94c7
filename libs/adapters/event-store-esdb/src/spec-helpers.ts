import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevEventStore, type DevEventStoreOptions } from '@countersign/dev-event-store';
import { onTestFinished } from 'vitest';
import { parseEsdbAddress } from './esdb-address.ts';
import { EsdbEventStore, type EsdbEventStoreOptions } from './esdb-event-store.ts';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'countersign-esdb-'));

export const storeAt = (address: string, options: Partial<EsdbEventStoreOptions> = {}): EsdbEventStore =>
  new EsdbEventStore({ address: parseEsdbAddress(address), name: 'spec', ...options });

/** A development server and a store on it, which go away with the test. */
export const servedStore = async (
  options: Partial<EsdbEventStoreOptions> = {},
  served: Partial<DevEventStoreOptions> = {},
): Promise<{ readonly dev: DevEventStore; readonly store: EsdbEventStore }> => {
  const folder = temporaryFolder();
  const dev = await DevEventStore.start({ folder, ...served });
  const store = storeAt(dev.address, options);
  onTestFinished(async () => {
    await store.close();
    await dev.close();
    rmSync(folder, { recursive: true });
  });
  return { dev, store };
};

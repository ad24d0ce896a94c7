import type { EventStore } from '@countersign/event-store';
import { EsdbEventStore } from '@countersign/event-store-esdb';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import type { Clock } from '@countersign/kernel';
import { readPasswordFile } from '../config/read-password-file.ts';
import type { EventStoreConfig } from '../config/service-config.ts';

export interface StoreOptions {
  readonly config: EventStoreConfig;
  readonly processName: string;
  /** The data folder's own log, for the SQLite store where no other is named. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export type ClosableStore = EventStore & { close(): Promise<void> };

/** The log that the settings choose. A SQLite log is opened and held at once; a server is found when it is used. */
export const openStore = async ({
  config,
  processName,
  folder,
  clock,
}: StoreOptions): Promise<ClosableStore> => {
  if (config.kind === 'sqlite') return SqliteEventStore.open({ folder: config.folder ?? folder, clock });
  const { address, user, passwordFile } = config;
  const login =
    user === undefined || passwordFile === undefined
      ? undefined
      : { user, password: readPasswordFile('COUNTERSIGN_EVENT_STORE_PASSWORD_FILE', passwordFile) };
  return new EsdbEventStore({ address, login, name: processName });
};

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@countersign/kernel';

/** What a process keeps on disk: the log is the truth (as the keys are, wherever they lie), everything else can be thrown away. */
export interface DataFolder {
  readonly path: string;
  readonly log: string;
  readonly nats: string;
  /** How requesters reach the NATS server that all-in-one started; there only while it runs. */
  readonly natsRequester: string;
  /** Which mode the folder was made for, where the log itself can't say. */
  readonly mode: string;
  view(service: ServiceName, name: string): string;
}

/** Makes the folder, private to this user (0700). */
export const openDataFolder = (path: string): DataFolder => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return {
    path,
    log: join(path, 'log'),
    nats: join(path, 'nats'),
    natsRequester: join(path, 'nats-requester.json'),
    mode: join(path, 'mode'),
    view: (service, name) => join(path, 'views', service, `${name}.sqlite`),
  };
};

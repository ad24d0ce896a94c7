import { join } from 'node:path';
import { SERVICE_KEYS } from '@countersign/contracts';
import type { ServiceName } from '@countersign/kernel';
import { loadOrCreateKey, publicFolderOf } from './key-folder.ts';
import type { SigningKey } from './signing-key.ts';

/** Where a service apart has its private keys, below the folder that holds everybody's. */
export const serviceKeyFolder = (folder: string, service: ServiceName): string => join(folder, service);

/**
 * The keys of five services apart: `<folder>/<service>` for each service alone, `<folder>/public` for all of them.
 * Keys that are there stay.
 */
export const createServiceKeys = (folder: string): readonly SigningKey[] =>
  [...SERVICE_KEYS].flatMap(([service, names]) =>
    names.map((name) => loadOrCreateKey(serviceKeyFolder(folder, service), name, publicFolderOf(folder))),
  );

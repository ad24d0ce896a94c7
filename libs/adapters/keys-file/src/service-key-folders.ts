import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_KEYS } from '@countersign/contracts';
import type { ServiceName } from '@countersign/kernel';
import { loadOrCreateKey, privatePath, publicFolderOf } from './key-folder.ts';
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

/** Where the private key of this name is: with its service alone, or with all others of one process. */
export const folderHolding = (folder: string, name: string): string => {
  const owner = [...SERVICE_KEYS].find(([, names]) => names.includes(name))?.[0];
  const apart = owner === undefined ? folder : serviceKeyFolder(folder, owner);
  return existsSync(privatePath(apart, name)) ? apart : folder;
};

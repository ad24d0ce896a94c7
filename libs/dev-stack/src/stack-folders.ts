import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ServiceName } from '@countersign/kernel';
import {
  createServiceKeys,
  DEVELOPMENT_ISSUER,
  keysFolderOf,
  loadOrCreateKey,
  publicFolderOf,
  serviceKeyFolder,
} from '@countersign/keys-file';

/** What a stack keeps on disk. Tools that are given `path` as COUNTERSIGN_DATA find the issuer's key below it. */
export class StackFolders {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Of the event store. */
  get log(): string {
    return join(this.path, 'log');
  }

  /** Of the issuer of development, and above those of each service. */
  get keys(): string {
    return keysFolderOf(this.path);
  }

  get publicKeys(): string {
    return publicFolderOf(this.keys);
  }

  get nats(): string {
    return join(this.path, 'services', 'nats');
  }

  /** JetStream's files; without them NATS starts empty. */
  get jetStream(): string {
    return join(this.nats, 'jetstream');
  }

  privateKeys(service: ServiceName): string {
    return serviceKeyFolder(this.keys, service);
  }

  /** Of one replica alone; it can be thrown away. */
  data(service: ServiceName, replica: number): string {
    return join(this.path, 'services', `${service}-${replica}`);
  }

  /** Makes the folder (0700), and each service's keys with the issuer's. */
  prepare(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    chmodSync(this.path, 0o700);
    loadOrCreateKey(this.keys, DEVELOPMENT_ISSUER.keyName);
    createServiceKeys(this.keys);
  }
}

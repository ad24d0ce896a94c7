import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The nats-server for tests: `COUNTERSIGN_NATS_SERVER`, else the one on PATH; an error says how to get one. */
export const natsServerPath = (): string => {
  // oxlint-disable-next-line node/no-process-env -- tests are told by the runner, not by a service's config
  const { COUNTERSIGN_NATS_SERVER: given, PATH = '' } = process.env;
  const folders = [...PATH.split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter(
    (folder) => folder !== '',
  );
  const path = given ?? folders.map((folder) => join(folder, 'nats-server')).find(isExecutable);
  if (path !== undefined) return path;
  throw new Error('These tests need nats-server: run them by `npm test`, or put it on PATH.');
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  nkeyVariable,
  renderServicesServerConfig,
  writeNatsAccess,
  type NatsAccess,
} from '@countersign/bus-nats';
import type { EntityRef } from '@countersign/kernel';

const REQUEST_USERS = 'requesters.conf';

export interface NatsFiles {
  readonly access: NatsAccess;
  /** For `nats-server -c`. */
  readonly config: string;
  /** Public keys, as the configuration names them. */
  readonly env: Readonly<Record<string, string>>;
}

/** The configuration by which five services apart are deployed, on loopback, without TLS; and a key for each login. */
export const writeNatsFiles = (folder: string, port: number, requesters: readonly EntityRef[]): NatsFiles => {
  const access = writeNatsAccess(join(folder, 'access'), requesters);
  const config = join(folder, 'services.conf');
  const text = renderServicesServerConfig({
    listen: `127.0.0.1:${port}`,
    store: join(folder, 'jetstream'),
    services: {
      intake: `$${nkeyVariable('intake')}`,
      policy: `$${nkeyVariable('policy')}`,
      notification: `$${nkeyVariable('notification')}`,
      credentials: `$${nkeyVariable('credentials')}`,
      audit: `$${nkeyVariable('audit')}`,
    },
    requestUsersFile: REQUEST_USERS,
  });
  writeFileSync(config, text);
  copyFileSync(access.requestUsers, join(folder, REQUEST_USERS));
  return { access, config, env: variablesIn(access.environment) };
};

const variablesIn = (path: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [name = '', value = ''] = line.split('=');
        return [name, value];
      }),
  );

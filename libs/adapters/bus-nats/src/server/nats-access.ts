import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { requesterNatsToken } from '@countersign/contracts';
import type { EntityRef } from '@countersign/kernel';
import { createNkeyFile, readNkeyPublicKey } from './nkey-file.ts';
import {
  renderRequestUsers,
  SERVICE_LOGINS,
  type RequesterLogin,
  type ServiceLogin,
} from './services-server-config.ts';

export interface NatsAccess {
  /** File of each login's seed, 0600. */
  readonly seeds: Readonly<Record<ServiceLogin, string>>;
  /** The server's environment: a line `NAME=U…` for each of `nkeyVariable`. */
  readonly environment: string;
  /** The requesters' account, included by the server's configuration. */
  readonly requestUsers: string;
}

const SEED = '.nk';
const PUBLIC = '.pub';

/** The variable by which the deployed configuration names the public key of a login. */
export const nkeyVariable = (login: ServiceLogin): string => `COUNTERSIGN_NATS_${login.toUpperCase()}_NKEY`;

/**
 * Makes what five services apart need to log in, in a folder of its own (0700): a seed for each login and each
 * requester, and what the server is told of them, which is public. A key that is there already stays; so it can be
 * run again for one more requester. A requester that keeps its seed to itself has its public key in
 * `requesters/<token>.pub`. No seed is returned or printed.
 */
export const writeNatsAccess = (folder: string, requesters: readonly EntityRef[]): NatsAccess => {
  const requestersFolder = join(folder, 'requesters');
  for (const path of [folder, requestersFolder]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  }
  for (const requester of requesters) ensureRequester(requestersFolder, requesterNatsToken(requester));
  const variables = SERVICE_LOGINS.map(
    (login) => `${nkeyVariable(login)}=${ensureKey(seedOf(folder, login))}`,
  );
  const access = accessIn(folder);
  replace(access.environment, `${variables.join('\n')}\n`);
  replace(
    access.requestUsers,
    renderRequestUsers(`$${nkeyVariable('requests')}`, requesterLogins(requestersFolder)),
  );
  return access;
};

const seedOf = (folder: string, login: ServiceLogin): string => join(folder, `${login}${SEED}`);

const accessIn = (folder: string): NatsAccess => ({
  seeds: {
    intake: seedOf(folder, 'intake'),
    policy: seedOf(folder, 'policy'),
    notification: seedOf(folder, 'notification'),
    credentials: seedOf(folder, 'credentials'),
    audit: seedOf(folder, 'audit'),
    requests: seedOf(folder, 'requests'),
  },
  environment: join(folder, 'services.env'),
  requestUsers: join(folder, 'requesters.conf'),
});

const ensureKey = (path: string): string =>
  existsSync(path) ? readNkeyPublicKey(path) : createNkeyFile(path);

const ensureRequester = (folder: string, token: string): void => {
  if (!existsSync(join(folder, token + PUBLIC))) ensureKey(join(folder, token + SEED));
};

const requesterLogins = (folder: string): RequesterLogin[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(SEED) || name.endsWith(PUBLIC))
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      return name.endsWith(SEED)
        ? { requesterToken: basename(name, SEED), publicKey: readNkeyPublicKey(path) }
        : { requesterToken: basename(name, PUBLIC), publicKey: readFileSync(path, 'utf8').trim() };
    });

/** Whole or not at all: a server that reloads must not meet half a list. */
const replace = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';

let folder: string;
let issuersPath: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-nats-settings-'));
  issuersPath = join(folder, 'issuers.json');
  writeFileSync(issuersPath, '[]');
});
afterAll(() => rmSync(folder, { recursive: true }));

const development = { COUNTERSIGN_MODE: 'development', NATS_URL: 'nats://nats:4222' };
const key = { ...development, COUNTERSIGN_NATS_NKEY_FILE: '/keys/intake.nk' };

const refusedField = (environment: Record<string, string>): string | undefined => {
  try {
    readConfig(environment);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof ConfigError ? error.field : undefined;
  }
};

describe('the settings of NATS', () => {
  it('take a key, a key for requests, and authorities', () => {
    const { nats } = readConfig({
      ...key,
      NATS_URL: 'tls://nats:4222',
      COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: '/keys/requests.nk',
      COUNTERSIGN_NATS_CA_FILE: '/keys/ca.pem',
    });
    expect(nats).toMatchObject({
      nkeyFile: '/keys/intake.nk',
      requestsNkeyFile: '/keys/requests.nk',
      caFile: '/keys/ca.pem',
    });
  });

  it('take the nodes of a cluster, and on how many of them requests wait', () => {
    const url = 'tls://nats-1:4222,tls://nats-2:4222,tls://nats-3:4222';
    expect(readConfig({ ...key, NATS_URL: url, COUNTERSIGN_NATS_REPLICAS: '3' }).nats).toMatchObject({
      url,
      replicas: 3,
    });
  });

  it.each([
    ['nodes of which one does not encrypt', { ...key, NATS_URL: 'tls://a:4222,nats://b:4222' }, 'NATS_URL'],
    ['credentials of a later node', { ...key, NATS_URL: 'tls://a:4222,tls://u:p@b:4222' }, 'NATS_URL'],
    ['an even number of nodes', { ...key, COUNTERSIGN_NATS_REPLICAS: '2' }, 'COUNTERSIGN_NATS_REPLICAS'],
    ['a key for no server', { ...key, NATS_URL: '' }, 'NATS_URL'],
    [
      'a key beside a password',
      { ...key, COUNTERSIGN_NATS_USER: 'u', COUNTERSIGN_NATS_PASSWORD_FILE: '/p' },
      'COUNTERSIGN_NATS_USER',
    ],
    [
      'a key for requests alone',
      { ...development, COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: '/r.nk' },
      'COUNTERSIGN_NATS_NKEY_FILE',
    ],
    [
      'one key for both accounts',
      { ...key, COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: '/keys/intake.nk' },
      'COUNTERSIGN_NATS_REQUESTS_NKEY_FILE',
    ],
    ['authorities for a server without TLS', { ...key, COUNTERSIGN_NATS_CA_FILE: '/ca.pem' }, 'NATS_URL'],
  ])('refuse %s', (_, environment, field) => {
    expect(refusedField(environment)).toBe(field);
  });

  it.each([
    ['nats://nats:4222', 'NATS_URL'],
    ['nats://127.0.0.1:4222', undefined],
    ['nats://127.0.0.1:4222,nats://nats:4222', 'NATS_URL'],
    ['tls://nats:4222', undefined],
  ])('send a key to %s in production only where nobody can listen in', (url, field) => {
    const issuers = { COUNTERSIGN_ISSUERS: issuersPath };
    expect(refusedField({ ...key, ...issuers, COUNTERSIGN_MODE: 'production', NATS_URL: url })).toBe(field);
  });
});

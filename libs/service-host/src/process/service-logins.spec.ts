import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNkeyFile } from '@countersign/bus-nats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import type { NatsConfig } from '../config/service-config.ts';
import { serviceLogins } from './service-logins.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-logins-'));
  createNkeyFile(join(folder, 'own.nk'));
  createNkeyFile(join(folder, 'requests.nk'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (changes: Partial<NatsConfig> = {}): NatsConfig => ({
  url: 'tls://nats:4222',
  user: undefined,
  passwordFile: undefined,
  serverBinary: 'nats-server',
  nkeyFile: join(folder, 'own.nk'),
  ...changes,
});

const refusal = (...parameters: Parameters<typeof serviceLogins>): ConfigError => {
  try {
    serviceLogins(...parameters);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('a service that runs alone', () => {
  it('logs in as itself, hears answers where only it may, and insists on TLS', () => {
    const logins = serviceLogins(config({ caFile: '/ca.pem' }), ['policy']);
    expect(logins?.service).toMatchObject({ inboxPrefix: '_INBOX_policy', tls: { caFile: '/ca.pem' } });
    expect(logins?.requests).toBeUndefined();
  });

  it('knows every node of a cluster', () => {
    const logins = serviceLogins(config({ url: 'tls://nats-1:4222,tls://nats-2:4222' }), ['policy']);
    expect(logins?.service.servers).toEqual(['tls://nats-1:4222', 'tls://nats-2:4222']);
  });

  it("logs in a second time where it is intake, on the requesters' account", () => {
    const logins = serviceLogins(config({ requestsNkeyFile: join(folder, 'requests.nk') }), ['intake']);
    expect(logins?.requests?.inboxPrefix).toBe('_INBOX_intake_requests');
    expect(logins?.requests?.nkeySeed).not.toEqual(logins?.service.nkeySeed);
  });

  it('has no key where none is configured', () => {
    expect(serviceLogins(config({ nkeyFile: undefined }), ['policy'])).toBeUndefined();
  });

  it('does not start with a key that others may read, and does not repeat it', () => {
    chmodSync(join(folder, 'own.nk'), 0o644);
    expect(refusal(config(), ['policy']).field).toBe('COUNTERSIGN_NATS_NKEY_FILE');
  });

  it('does not start with a file that holds no key, and does not repeat what it holds', () => {
    writeFileSync(join(folder, 'own.nk'), 'SUAHUSH', { mode: 0o600 });
    const error = refusal(config(), ['policy']);
    expect(error.field).toBe('COUNTERSIGN_NATS_NKEY_FILE');
    expect(`${error.message} ${String(error.cause)}`).not.toContain('SUAHUSH');
  });

  it('does not start with a file that is missing', () => {
    expect(refusal(config({ nkeyFile: join(folder, 'none.nk') }), ['audit']).field).toBe(
      'COUNTERSIGN_NATS_NKEY_FILE',
    );
  });

  it.each([
    ['intake without its key for requests', ['intake'], {}],
    ['another service with it', ['audit'], { requestsNkeyFile: '/requests.nk' }],
  ] as const)('does not start: %s', (_, services, changes) => {
    expect(refusal(config(changes), services).field).toBe('COUNTERSIGN_NATS_REQUESTS_NKEY_FILE');
  });
});

describe('services in one process', () => {
  it('may not use the key of one', () => {
    expect(refusal(config(), ['intake', 'policy']).field).toBe('COUNTERSIGN_NATS_NKEY_FILE');
  });
});

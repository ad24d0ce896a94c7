import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';
import { redactedConfig } from './redacted-config.ts';

let folder: string;
let issuersPath: string;

const issuer = {
  issuer: 'https://id.example',
  audience: 'countersign',
  algorithms: ['EdDSA'],
  kinds: ['User'],
  jwksFile: 'keys.json',
};

const writeIssuers = (content: unknown): string => {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-config-'));
  issuersPath = writeIssuers([issuer]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const fieldOf = (environment: Record<string, string>): string | undefined => {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof ConfigError ? error.field : undefined;
  }
  return undefined;
};

describe('readConfig', () => {
  it('means production where no mode is given', () => {
    expect(readConfig({ COUNTERSIGN_ISSUERS: issuersPath }).mode).toBe('production');
  });

  it('takes defaults for what is absent or empty', () => {
    const config = readConfig({ COUNTERSIGN_MODE: 'development', COUNTERSIGN_PORT: '' });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 7420, maxConnections: 4_096 });
    expect(config.issuers).toEqual([]);
    expect([config.drainMs, config.shutdownTimeoutMs]).toEqual([0, 20_000]);
  });

  it("resolves an issuer's key file beside the issuers' file", () => {
    const [read] = readConfig({ COUNTERSIGN_ISSUERS: issuersPath }).issuers;
    expect(read).toMatchObject({ jwksFile: join(folder, 'keys.json'), typ: 'at+jwt', claims: {} });
  });

  const development = { COUNTERSIGN_MODE: 'development' };
  it.each([
    ['an unknown mode', { COUNTERSIGN_MODE: 'test' }, 'COUNTERSIGN_MODE'],
    ['a port out of range', { ...development, COUNTERSIGN_PORT: '65536' }, 'COUNTERSIGN_PORT'],
    ['a port that is no number', { ...development, COUNTERSIGN_PORT: '7420x' }, 'COUNTERSIGN_PORT'],
    ['development beyond loopback', { ...development, COUNTERSIGN_HOST: '0.0.0.0' }, 'COUNTERSIGN_HOST'],
    ['production without issuers', {}, 'COUNTERSIGN_ISSUERS'],
    ['an unreadable issuers file', { COUNTERSIGN_ISSUERS: '/nowhere.yaml' }, 'COUNTERSIGN_ISSUERS'],
    ['credentials in the address of NATS', { ...development, NATS_URL: 'nats://u:p@h:4222' }, 'NATS_URL'],
    [
      'a NATS user without a password',
      { ...development, NATS_URL: 'nats://h:4222', COUNTERSIGN_NATS_USER: 'u' },
      'COUNTERSIGN_NATS_PASSWORD_FILE',
    ],
    [
      'an event store that is neither',
      { ...development, COUNTERSIGN_EVENT_STORE: 'postgres://h' },
      'COUNTERSIGN_EVENT_STORE',
    ],
    [
      'credentials in the address of the event store',
      { ...development, COUNTERSIGN_EVENT_STORE: 'esdb://u:p@h:2113' },
      'COUNTERSIGN_EVENT_STORE',
    ],
    [
      "an event store's user without a password",
      { ...development, COUNTERSIGN_EVENT_STORE: 'esdb://h', COUNTERSIGN_EVENT_STORE_USER: 'u' },
      'COUNTERSIGN_EVENT_STORE_PASSWORD_FILE',
    ],
    [
      'a user for a SQLite log',
      { ...development, COUNTERSIGN_EVENT_STORE_USER: 'u', COUNTERSIGN_EVENT_STORE_PASSWORD_FILE: 'p' },
      'COUNTERSIGN_EVENT_STORE',
    ],
    ['a cap of none', { ...development, COUNTERSIGN_REQUESTER_OPEN: '0' }, 'COUNTERSIGN_REQUESTER_OPEN'],
    ['an unknown log level', { ...development, COUNTERSIGN_LOG_LEVEL: 'all' }, 'COUNTERSIGN_LOG_LEVEL'],
    [
      'a bare number as duration',
      { ...development, COUNTERSIGN_SHUTDOWN_TIMEOUT: '20' },
      'COUNTERSIGN_SHUTDOWN_TIMEOUT',
    ],
    ['a drain as long as the whole stop', { ...development, COUNTERSIGN_DRAIN: '20s' }, 'COUNTERSIGN_DRAIN'],
    [
      'an exporter that is no address',
      { ...development, OTEL_EXPORTER_OTLP_ENDPOINT: 'on' },
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    ],
  ])('refuses %s and names the variable', (_, environment, field) => {
    expect(fieldOf(environment)).toBe(field);
  });

  it.each([
    ['a symmetric algorithm', { ...issuer, algorithms: ['HS256'] }],
    ['no algorithm', { ...issuer, algorithms: [] }],
    ['an unknown kind', { ...issuer, kinds: ['Root'] }],
    ['keys fetched over plain http', { ...issuer, jwksFile: undefined, jwksUri: 'http://id.example/jwks' }],
    ['two sources of keys', { ...issuer, jwksUri: 'https://id.example/jwks' }],
    ["the type of one of Countersign's own tokens", { ...issuer, typ: 'countersign-grant+jwt' }],
    ['an unknown member', { ...issuer, trustEverything: true }],
  ])('refuses an issuer with %s', (_, entry) => {
    expect(fieldOf({ COUNTERSIGN_ISSUERS: writeIssuers([entry]) })).toBe('COUNTERSIGN_ISSUERS');
  });

  it('refuses an issuer that stands there twice', () => {
    expect(fieldOf({ COUNTERSIGN_ISSUERS: writeIssuers([issuer, issuer]) })).toBe('COUNTERSIGN_ISSUERS');
  });

  it.each([
    [undefined, { kind: 'sqlite', folder: undefined }],
    ['sqlite:/var/log-of-countersign', { kind: 'sqlite', folder: '/var/log-of-countersign' }],
    [
      'esdb://a,b:2114',
      {
        kind: 'esdb',
        address: {
          endpoints: [
            { host: 'a', port: 2113 },
            { host: 'b', port: 2114 },
          ],
          discover: true,
          tls: true,
          tlsCaFile: undefined,
        },
        user: undefined,
        passwordFile: undefined,
      },
    ],
  ])('keeps the log where COUNTERSIGN_EVENT_STORE says: %s', (address, eventStore) => {
    const given = address === undefined ? {} : { COUNTERSIGN_EVENT_STORE: address };
    expect(readConfig({ ...development, ...given }).eventStore).toEqual(eventStore);
  });

  it('gives those who route by readiness five seconds in production, unless told', () => {
    const production = { COUNTERSIGN_ISSUERS: issuersPath };
    expect(readConfig(production).drainMs).toBe(5_000);
    expect(readConfig({ ...production, COUNTERSIGN_DRAIN: '0s' }).drainMs).toBe(0);
  });

  it('prints no user info of an address', () => {
    const config = readConfig({
      ...development,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:hush@collector:4318/x',
    });
    expect(JSON.stringify(redactedConfig(config))).not.toContain('hush');
  });
});

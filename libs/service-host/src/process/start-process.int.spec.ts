import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import { natsServerPath } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import type { ServiceContext } from '../service-context.ts';
import { SILENT_LOGGER } from '../telemetry/logger.ts';
import { ECHO_SUBJECT, sampleModule } from './spec-support/sample-service.ts';
import { startProcess, type RunningProcess } from './start-process.ts';

let dataFolder: string;
const running: RunningProcess[] = [];
let context: ServiceContext;

const config = (more: Record<string, string> = {}): ServiceConfig =>
  readConfig({
    COUNTERSIGN_MODE: 'development',
    COUNTERSIGN_DATA: dataFolder,
    COUNTERSIGN_PORT: '0',
    COUNTERSIGN_NATS_SERVER: natsServerPath(),
    ...more,
  });

const start = async (settings: ServiceConfig, ownNatsServer = true): Promise<RunningProcess> => {
  const module = (given: ServiceContext) => sampleModule(given, (it) => (context = it));
  const services = [{ service: 'policy' as const, module }];
  const options = { name: 'sample', version: '0.0.0', ownNatsServer, services };
  const started = await startProcess(options, settings, SILENT_LOGGER);
  running.push(started);
  return started;
};

const failureOf = async (starting: Promise<unknown>): Promise<unknown> =>
  starting.then(
    () => 'started',
    (error: unknown) => (error instanceof CodedError ? error.code : error),
  );

const get = async (address: string, path: string, token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address + path, { headers });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'countersign-host-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  rmSync(dataFolder, { recursive: true, force: true });
});

describe('a process', () => {
  it('serves HTTP to a proven caller, is ready once the bus is connected, and answers calls over it', async () => {
    const { address, stop, lifecycle } = await start(config());
    await vi.waitFor(async () => expect(await get(address, '/health/ready')).toMatchObject({ status: 200 }), {
      timeout: 10_000,
    });
    const as = { type: 'User', id: 'alice' };
    const token = await mintDevelopmentToken(dataFolder, { as, ttlMs: 60_000 }, Date.now());
    expect(await get(address, '/v1/me', token)).toMatchObject({
      status: 200,
      json: { principal: { kind: 'person', ref: as }, via: { channel: 'api', sub: 'User::"alice"' } },
    });
    expect(await get(address, '/v1/me')).toMatchObject({ status: 401 });

    expect(await context.bus.request(ECHO_SUBJECT, { a: 1 }, { deadlineMs: 2_000 })).toEqual({
      echo: { a: 1 },
    });
    const refused = context.bus.request(ECHO_SUBJECT, { refuse: true }, { deadlineMs: 2_000 });
    expect(await failureOf(refused)).toBe('review_closed');

    expect(await stop()).toBe(true);
    expect(lifecycle.state).toBe('stopped');
  });

  it('keeps its data private, and what requesters need only while it runs', async () => {
    const { stop } = await start(config());
    const access = join(dataFolder, 'nats-requester.json');
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
    expect(statSync(access).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(access, 'utf8'))).toMatchObject({ user: 'requester' });
    await stop();
    expect(existsSync(access)).toBe(false);
  });

  it('records its mode as the first event, and never opens that store in another', async () => {
    const { stop } = await start(config());
    const [first] = await context.store.readStream('system-mode');
    expect(first).toMatchObject({ type: 'StoreInitialized', data: { mode: 'development' }, revision: 0 });
    await stop();
    const production: ServiceConfig = { ...config(), mode: 'production' };
    expect(await failureOf(start(production))).toBe('mode_mismatch');
    await (await start(config())).stop();
  });

  it('holds its folder alone', async () => {
    await start(config());
    expect(await failureOf(start(config()))).toBe('store_locked');
  });

  it('serves without its bus, and says that it is not ready', async () => {
    const { address } = await start(config({ NATS_URL: 'nats://127.0.0.1:1' }));
    expect(await get(address, '/health/live')).toMatchObject({ status: 200 });
    expect(await get(address, '/health/ready')).toMatchObject({
      status: 503,
      json: { failed: { bus: expect.any(String) } },
    });
  });

  it('does not start without a NATS server to share', async () => {
    expect(await failureOf(start(config(), false))).toBe('invalid_config');
  });

  it('says so where the NATS server it would start is missing, and leaves the folder free', async () => {
    expect(await failureOf(start(config({ COUNTERSIGN_NATS_SERVER: '/nowhere/nats-server' })))).toBe(
      'nats_server_failed',
    );
    await start(config());
  });
});

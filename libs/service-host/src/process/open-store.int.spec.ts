import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevEventStore } from '@countersign/dev-event-store';
import { natsServerPath } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { ServiceContext } from '../service-context.ts';
import { SILENT_LOGGER } from '../telemetry/logger.ts';
import { sampleModule } from './spec-support/sample-service.ts';
import { startProcess, type RunningProcess } from './start-process.ts';
import { MODE_STREAM } from './store-mode.ts';

let folder: string;
let dev: DevEventStore;
const running: RunningProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-host-'));
  dev = await DevEventStore.start({ folder: join(folder, 'served'), users: { countersign: 'secret' } });
  writeFileSync(join(folder, 'password'), 'secret\n');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await dev.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<RunningProcess> => {
  const config = readConfig({
    COUNTERSIGN_MODE: 'development',
    COUNTERSIGN_DATA: join(folder, 'data'),
    COUNTERSIGN_PORT: '0',
    COUNTERSIGN_NATS_SERVER: natsServerPath(),
    COUNTERSIGN_EVENT_STORE: dev.address,
    COUNTERSIGN_EVENT_STORE_USER: 'countersign',
    COUNTERSIGN_EVENT_STORE_PASSWORD_FILE: join(folder, 'password'),
  });
  const services = [
    { service: 'policy' as const, module: (context: ServiceContext) => sampleModule(context) },
  ];
  const options = { name: 'sample', version: '0.0.0', ownNatsServer: true, services };
  const started = await startProcess(options, config, SILENT_LOGGER);
  running.push(started);
  return started;
};

const statusOf = async ({ address }: RunningProcess): Promise<number> =>
  (await fetch(`${address}/health/ready`)).status;

describe('a process on an event store of its own', () => {
  it('keeps its log there, and is unready while it is away', async () => {
    const started = await start();
    await vi.waitFor(async () => expect(await statusOf(started)).toBe(200), { timeout: 10_000 });
    expect(await dev.store.readStream(MODE_STREAM)).toHaveLength(1);
    await dev.close();
    expect(await statusOf(started)).toBe(503);
  });
});

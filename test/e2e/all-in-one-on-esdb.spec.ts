import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevEventStore } from '@countersign/dev-event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './harness/cli.ts';
import { Countersign } from './harness/countersign.ts';
import { takeTheTour } from './harness/readme-tour.ts';

const LONG_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'countersign-esdb-'));
let eventStore: DevEventStore;
let countersign: Countersign;

beforeAll(async () => {
  eventStore = await DevEventStore.start({ folder });
  countersign = await Countersign.start({ env: { COUNTERSIGN_EVENT_STORE: eventStore.address } });
}, LONG_MS);
afterAll(async () => {
  await countersign.dispose();
  await eventStore.close();
  rmSync(folder, { recursive: true, force: true });
}, LONG_MS);

describe('all-in-one with its log on an EventStoreDB protocol server', { timeout: LONG_MS }, () => {
  it("serves the README's tour", () => takeTheTour(countersign, () => countersign.output));

  it('keeps nothing in its data folder that the log is made of, and goes on without it', async () => {
    expect(existsSync(join(countersign.dataFolder, 'log'))).toBe(false);
    await countersign.stop();
    rmSync(join(countersign.dataFolder, 'views'), { recursive: true });
    await countersign.restart();
    expect((await cli(countersign, 'audit', 'list', '--as', 'dave')).stdout).toContain('data.export');
  });
});

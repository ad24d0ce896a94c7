import type { Bus, Doorbell, Hearing } from '@countersign/bus';
import { EventWriter } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import type { Projection } from '@countersign/follower';
import { ManualClock, testKeys } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { serviceActor } from '../process/service-actor.ts';
import { createTelemetry } from '../telemetry/create-telemetry.ts';
import { SILENT_LOGGER } from '../telemetry/logger.ts';
import { startDueWork } from './start-due-work.ts';

const projection: Projection = {
  name: 'requests',
  version: 1,
  schema: 'CREATE TABLE requests (id TEXT PRIMARY KEY) STRICT',
  categories: ['request'],
  types: ['ActionRequested'],
  unknownTypes: 'ignore',
  apply: (view, { stream }) => view.run('INSERT INTO requests VALUES (?)', stream.slice('request-'.length)),
};

const clock = new ManualClock();
let lifecycle: Lifecycle;
let store: MemoryEventStore;
let hearers: { hearing: Hearing; ring: (doorbell: Doorbell) => void | Promise<void> }[];
let ensured: string[];

const request = async (id: string): Promise<void> => {
  const writer = new EventWriter({ service: 'intake', store, signer: testKeys().signer('intake'), clock });
  const context = { actor: serviceActor('intake'), correlationId: id };
  await writer.append(`request-${id}`, 'no-stream', [{ type: 'ActionRequested', data: {} }], context);
};

const doorbellOf = (id: string, type = 'ActionRequested'): Doorbell => ({
  category: 'request',
  stream: `request-${id}`,
  revision: 0,
  type,
  id: 'e',
});

const ring = (id: string, type?: string): void => {
  for (const hearer of hearers) void hearer.ring(doorbellOf(id, type));
};

const hearingBus: Bus = {
  connected: true,
  ring: () => undefined,
  request: () => Promise.reject(new Error('not here')),
  hear: (hearing, onRing) => {
    const hearer = { hearing, ring: onRing };
    hearers.push(hearer);
    return async () => void hearers.splice(hearers.indexOf(hearer), 1);
  },
};

/** A replica that does this with what is due. */
const replicaThat = async (ensure: (id: string) => Promise<void>): Promise<Lifecycle> => {
  const replica = new Lifecycle(SILENT_LOGGER);
  const telemetry = await createTelemetry({ processName: 'test', otlpEndpoint: undefined });
  const parts = { store, bus: hearingBus, clock, telemetry, log: SILENT_LOGGER, lifecycle: replica };
  startDueWork(
    { ...parts, service: 'policy', viewPath: () => ':memory:' },
    {
      name: 'evaluations',
      projection,
      due: (view) => view.all('SELECT id FROM requests').map((row) => String(row['id'])),
      ensure,
      hears: ['request'],
      leavesNewsToHearer: true,
    },
  );
  return replica;
};

const doIt = async (id: string): Promise<void> => void ensured.push(id);

beforeEach(async () => {
  store = new MemoryEventStore(clock);
  hearers = [];
  ensured = [];
  lifecycle = await replicaThat(doIt);
});
afterEach(async () => lifecycle.stop(1_000));

describe('due work', () => {
  it('is found in the log at the start, without a doorbell', async () => {
    await request('a');
    await lifecycle.start();
    await vi.waitFor(() => expect(ensured).toContain('a'), { timeout: 10_000 });
  });

  it('is done at once when a doorbell rings, before any view has seen it', async () => {
    await lifecycle.start();
    ring('b');
    await vi.waitFor(() => expect(ensured).toEqual(['b']), { timeout: 10_000 });
  });

  it('leaves alone what its view makes nothing of', async () => {
    await lifecycle.start();
    ring('b', 'RequestAdmired');
    ring('c');
    await vi.waitFor(() => expect(ensured).toEqual(['c']), { timeout: 10_000 });
  });

  it('is told to one replica of the service', async () => {
    await lifecycle.start();
    expect(hearers.map(({ hearing }) => hearing)).toEqual([
      { category: 'request', queue: 'policy-evaluations' },
    ]);
  });

  it('that a replica heard of and never did is done by another', async () => {
    const dies = vi.fn<() => Promise<void>>(() => new Promise(() => undefined));
    const dying = await replicaThat(dies);
    await dying.start();
    await lifecycle.start();
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
    await request('d');
    void hearers[0]?.ring(doorbellOf('d'));
    await vi.waitFor(() => expect(ensured).toEqual(['d']), { timeout: 10_000 });
    expect(dies).toHaveBeenCalledOnce();
    await dying.stop(0);
  });

  it('is ready when its view follows the log live', async () => {
    expect(await lifecycle.unready()).toHaveProperty('policy evaluations');
    await lifecycle.start();
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
  });

  it('stops with the process, and hears nothing more', async () => {
    await lifecycle.start();
    expect(await lifecycle.stop(1_000)).toBe(true);
    expect(hearers).toEqual([]);
  });
});

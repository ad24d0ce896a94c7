import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DevEventStore } from '@countersign/dev-event-store';
import { AppendVerifier } from '@countersign/event-store';
import { EsdbEventStore, parseEsdbAddress } from '@countersign/event-store-esdb';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { canonicalJson, SystemClock } from '@countersign/kernel';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ArchiveReader,
  importLog,
  LogExport,
  readLog,
  type ArchiveSummary,
  type Imported,
  type WholeLog,
} from './index.ts';
import { fillSampleLog, KEYS } from './sample-log-spec-helpers.ts';

const SEED = 20_261_120;
/** `COUNTERSIGN_TEST_EVENTS=100000 npx vitest run libs/event-archive/src/moving.spec.ts` moves so many. */
const EVENTS = Number(process.env['COUNTERSIGN_TEST_EVENTS'] ?? 5_000);

const folderFor = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `countersign-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const sqlite = async (name: string): Promise<SqliteEventStore> => {
  const store = await SqliteEventStore.open({ folder: folderFor(name), clock: new SystemClock() });
  onTestFinished(() => store.close());
  return store;
};

const server = async (): Promise<EsdbEventStore> => {
  const dev = await DevEventStore.start({ folder: folderFor('served') });
  const store = new EsdbEventStore({ address: parseEsdbAddress(dev.address), name: 'moving' });
  onTestFinished(async () => {
    await store.close();
    await dev.close();
  });
  return store;
};

const verifier = (): AppendVerifier => new AppendVerifier(KEYS.keyRing, 0);

const exportTo = async (store: WholeLog, path: string): Promise<ArchiveSummary> => {
  const log = new LogExport(store, { verifier: verifier() });
  await pipeline(log.chunks(), createWriteStream(path));
  return log.summary;
};

const importFrom = (path: string, store: WholeLog, together: number): Promise<Imported> =>
  importLog({ store, archive: new ArchiveReader(createReadStream(path), verifier()), together });

/** Of each event everything but its position and its time of commit. */
const bytesOf = async (store: WholeLog): Promise<readonly string[]> => {
  const events: string[] = [];
  for await (const batch of readLog(store)) {
    for (const { position: _position, committedAt: _committedAt, ...event } of batch) {
      events.push(canonicalJson(event));
    }
  }
  return events;
};

const timed = async <Result>(what: string, act: () => Promise<Result>): Promise<Result> => {
  const startedMs = performance.now();
  const result = await act();
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stderr.write(`${what}: ${seconds} s for ${EVENTS} events\n`);
  return result;
};

describe('a log that is moved', { timeout: 180_000 + EVENTS * 10 }, () => {
  it('from SQLite to the EventStoreDB protocol and back is the same log, byte for byte', async () => {
    const [first, served, second] = [await sqlite('first'), await server(), await sqlite('second')];
    const folder = folderFor('archives');
    await fillSampleLog(first, EVENTS, SEED);
    const there = await timed('SQLite → file', () => exportTo(first, join(folder, '1')));
    await timed('file → esdb', () => importFrom(join(folder, '1'), served, 1));
    const back = await timed('esdb → file', () => exportTo(served, join(folder, '2')));
    const imported = await timed('file → SQLite', () => importFrom(join(folder, '2'), second, 500));
    expect(back).toMatchObject({ events: there.events, logDigest: there.logDigest, mode: 'development' });
    expect(imported).toMatchObject({ appended: there.events, logDigest: there.logDigest });
    const moved = await bytesOf(second);
    expect(moved).toHaveLength(there.events);
    expect(moved).toEqual(await bytesOf(first));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WRITER_OF, type Category, type EventStore } from '@countersign/event-store';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { Follower, View } from '@countersign/follower';
import { SystemClock } from '@countersign/kernel';
import { AUDIT_PROJECTION } from '@countersign/service-audit';

// How fast a log can be read again and the audit view built from it: run for one data folder, in a process
// of its own, while nothing else holds the folder. Says so in JSON on stdout.

const BATCH = 1_000;

const [dataFolder = '', rounds = '1'] = process.argv.slice(2);
const log = join(dataFolder, 'log');

/** The floor: the same rows read in the same batches and parsed, and nothing made of them. */
const readRows = async (): Promise<number> => {
  const db = new DatabaseSync(join(log, 'events.db'), { readOnly: true });
  const after = db.prepare('SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?');
  let position = 0;
  for (let rows = after.all(position, BATCH); rows.length > 0; rows = after.all(position, BATCH)) {
    for (const { body } of rows) JSON.parse(String(body));
    position = Number(rows.at(-1)?.['position']);
  }
  db.close();
  return position;
};

/** Every event of every category handed to a subscriber. */
const replay = (store: EventStore): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  let events = 0;
  const categories = Object.keys(WRITER_OF) as Category[];
  store.subscribe(
    { categories },
    { onEvents: (batch) => void (events += batch.length), onCaughtUp: () => resolve(events) },
  );
  return promise;
};

/** The audit view from nothing. */
const rebuild = async (store: EventStore): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-rebuild-'));
  const view = new View(join(folder, 'view.sqlite'), AUDIT_PROJECTION);
  const follower = new Follower({ store, projection: AUDIT_PROJECTION, view });
  try {
    follower.start();
    await follower.caughtUp;
    return follower.status().applied;
  } finally {
    await follower.stop();
    view.close();
    rmSync(folder, { recursive: true });
  }
};

/** Events per second; opening and closing the store aren't timed. */
const timed = async (work: (store: EventStore) => Promise<number>): Promise<number> => {
  const store = await SqliteEventStore.open({ folder: log, clock: new SystemClock() });
  try {
    const startedMs = performance.now();
    return ((await work(store)) / (performance.now() - startedMs)) * 1_000;
  } finally {
    await store.close();
  }
};

const works = { floor: readRows, replay, rebuild };
const rates: Record<keyof typeof works, number[]> = { floor: [], replay: [], rebuild: [] };
for (let round = 0; round < Number(rounds); round += 1) {
  for (const name of ['floor', 'replay', 'rebuild', 'rebuild', 'replay', 'floor'] as const) {
    rates[name].push(await timed(works[name]));
  }
}
process.stdout.write(`${JSON.stringify(rates)}\n`);

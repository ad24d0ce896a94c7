import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { CodedError, SystemClock } from '@countersign/kernel';
import { someEvents } from '@countersign/event-store/contract';
import { SqliteEventStore } from './sqlite-event-store.ts';

// Started by the specs: appends two events at a time to eight streams until it is killed, and says on
// stdout what was acknowledged. Where the folder is held it says the error's code instead.

const [folder = ''] = process.argv.slice(2);

const appendForever = async (store: SqliteEventStore, stream: string): Promise<never> => {
  for (let next = 0; ; next += 2) {
    const expected = next === 0 ? 'no-stream' : next - 1;
    const events = someEvents(stream, expected, 2);
    await store.append(stream, expected, events);
    writeSync(1, events.map(({ id }, index) => `${stream} ${next + index} ${id}\n`).join(''));
  }
};

try {
  const store = await SqliteEventStore.open({ folder, clock: new SystemClock() });
  await Promise.all(Array.from({ length: 8 }, () => appendForever(store, `request-${randomUUID()}`)));
} catch (error) {
  writeSync(1, `${error instanceof CodedError ? error.code : String(error)}\n`);
}

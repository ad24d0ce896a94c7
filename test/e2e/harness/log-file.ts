import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { parseStreamName, type Category, type RecordedEvent } from '@countersign/event-store';
import { toTimestamp } from '@countersign/kernel';

const toEvent = (row: Record<string, SQLOutputValue>): RecordedEvent => ({
  ...(JSON.parse(String(row['body'])) as RecordedEvent),
  stream: String(row['name']),
  revision: Number(row['revision']),
  position: String(row['position']),
  committedAt: toTimestamp(Number(row['committed_at'])),
});

/**
 * Looks into the log of a process, running or not, without going through it and without its lock: the file
 * is opened read-only for each look.
 */
export class LogFile {
  readonly #path: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'log', 'events.db');
  }

  /** All events, in log order. */
  events(): readonly RecordedEvent[] {
    return this.#rows(
      'SELECT e.*, s.name FROM events e JOIN streams s ON s.id = e.stream_id ORDER BY position',
    );
  }

  stream(name: string): readonly RecordedEvent[] {
    return this.#rows(
      'SELECT e.*, s.name FROM events e JOIN streams s ON s.id = e.stream_id WHERE s.name = ? ORDER BY revision',
      name,
    );
  }

  types(stream: string): readonly string[] {
    return this.stream(stream).map(({ type }) => type);
  }

  streams(category: Category): readonly string[] {
    const names = new Set(this.events().map(({ stream }) => stream));
    return [...names].filter((name) => parseStreamName(name).category === category);
  }

  #rows(sql: string, ...parameters: string[]): readonly RecordedEvent[] {
    const db = new DatabaseSync(this.#path, { readOnly: true, timeout: 5_000 });
    try {
      return db
        .prepare(sql)
        .all(...parameters)
        .map(toEvent);
    } finally {
      db.close();
    }
  }
}

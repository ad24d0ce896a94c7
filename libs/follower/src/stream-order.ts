import { CodedError } from '@countersign/kernel';
import type { EventStore, RecordedEvent } from '@countersign/event-store';
import type { ViewStatements } from './projection.ts';

/** Streams whose revision is kept in memory; beyond, it is read from the view again. */
const REMEMBERED = 50_000;

/** Keeps each stream's events in order: revision r is given out only after r−1, and once. */
export class StreamOrder {
  readonly #store: EventStore;
  readonly #view: ViewStatements;
  readonly #revisions = new Map<string, number>();

  constructor(store: EventStore, view: ViewStatements) {
    this.#store = store;
    this.#view = view;
  }

  /** The events that are new, gaps filled from their streams; a gap that the store can't fill is `stream_gap`. */
  async arrange(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    const arranged: RecordedEvent[] = [];
    const reached = new Map<string, number>();
    for (const event of events) {
      const known = reached.get(event.stream) ?? this.#known(event.stream);
      if (event.revision <= known) continue;
      if (event.revision > known + 1) arranged.push(...(await this.#missing(event, known + 1)));
      arranged.push(event);
      reached.set(event.stream, event.revision);
    }
    return arranged;
  }

  /** Writes down how far the streams are, inside the transaction that applied the events. */
  advance(events: readonly RecordedEvent[]): void {
    const last = new Map(events.map(({ stream, revision }) => [stream, revision]));
    for (const [stream, revision] of last) {
      this.#view.run('INSERT OR REPLACE INTO follower_streams VALUES (?, ?)', stream, revision);
    }
  }

  /** Remembers what {@link advance} wrote, once it is committed. */
  remember(events: readonly RecordedEvent[]): void {
    if (this.#revisions.size > REMEMBERED) this.#revisions.clear();
    for (const { stream, revision } of events) this.#revisions.set(stream, revision);
  }

  forget(): void {
    this.#revisions.clear();
  }

  #known(stream: string): number {
    const remembered = this.#revisions.get(stream);
    if (remembered !== undefined) return remembered;
    const row = this.#view.get('SELECT revision FROM follower_streams WHERE stream = ?', stream);
    return Number(row?.['revision'] ?? -1);
  }

  async #missing({ stream, revision }: RecordedEvent, from: number): Promise<readonly RecordedEvent[]> {
    const missing = await this.#store.readStream(stream, { from, limit: revision - from });
    if (missing.length === revision - from) return missing;
    throw new CodedError(
      'stream_gap',
      `${stream} has no revision ${from + missing.length}; the log is damaged.`,
      {
        field: stream,
      },
    );
  }
}

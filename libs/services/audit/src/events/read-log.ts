import type { Category, EventStore, Position, RecordedEvent } from '@countersign/event-store';

export interface LogQuery {
  /** Absent: from the log's start. */
  readonly after: Position | undefined;
  readonly categories: readonly Category[];
  readonly matches: (event: RecordedEvent) => boolean;
  readonly limit: number;
  /** Events that are looked at, however few of them match. */
  readonly most: number;
  /** Nothing from this place on; absent: up to the head. */
  readonly end: Position | undefined;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** The place up to which the log was looked at; absent where it was looked at to the end. */
  readonly after: Position | undefined;
}

class Scan {
  readonly events: RecordedEvent[] = [];
  after: Position | undefined;
  isDone = false;
  readonly #query: LogQuery;
  #looked = 0;

  constructor(query: LogQuery) {
    this.#query = query;
  }

  take(event: RecordedEvent): void {
    const { end, matches, limit, most } = this.#query;
    if (this.isDone) return;
    if (event.position === end) {
      this.isDone = true;
      return;
    }
    this.#looked += 1;
    if (matches(event)) this.events.push(event);
    if (this.events.length < limit && this.#looked < most) return;
    this.after = event.position;
    this.isDone = true;
  }
}

/** Matching events in log order, read from the log itself. `unknown_position` for a place of another log. */
export const readLog = async (store: Pick<EventStore, 'subscribe'>, query: LogQuery): Promise<LogPage> => {
  const scan = new Scan(query);
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const subscription = store.subscribe(
    { from: query.after, categories: query.categories },
    {
      onEvents: (batch) => {
        for (const event of batch) scan.take(event);
        if (scan.isDone) finish();
      },
      onCaughtUp: finish,
    },
  );
  await Promise.race([finished, subscription.ended]);
  await subscription.close();
  return { events: scan.events, after: scan.after };
};

import type {
  EventEnvelope,
  EventStore,
  ExpectedRevision,
  RecordedEvent,
  Subscriber,
} from '@countersign/event-store';

/**
 * A part of a log that looks like a log of its own: its streams bear a mark in their names, and subscribers hear
 * of no others. So tests that want an empty store share one server, which is never wiped. A stream's name is no
 * part of what an append's signature shows to a store.
 */
export class StoreApart implements EventStore {
  readonly #store: EventStore;
  readonly #mark: string;

  constructor(store: EventStore, mark: string) {
    this.#store = store;
    this.#mark = mark;
  }

  append(stream: string, expectedRevision: ExpectedRevision, events: readonly EventEnvelope[]) {
    return this.#store.append(this.#marked(stream), expectedRevision, events);
  }

  async readStream(...[stream, options]: Parameters<EventStore['readStream']>) {
    return this.#unmarked(await this.#store.readStream(this.#marked(stream), options));
  }

  subscribe(options: Parameters<EventStore['subscribe']>[0], subscriber: Subscriber) {
    return this.#store.subscribe(options, {
      onEvents: (events, position) => subscriber.onEvents(this.#unmarked(events), position),
      onCaughtUp: () => subscriber.onCaughtUp?.(),
    });
  }

  /** A name without an id stays as it is: it is to be refused. */
  #marked(stream: string): string {
    return stream.replace(/^([a-z]+)-(?=.)/, `$1-${this.#mark}-`);
  }

  #unmarked(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
    const mark = `-${this.#mark}-`;
    return events
      .filter(({ stream }) => stream.includes(mark))
      .map((event) => ({ ...event, stream: event.stream.replace(mark, '-') }));
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseStreamName, WRITER_OF } from '@countersign/event-store';
import type { Category, Position, RecordedEvent, Subscriber, Subscription } from '@countersign/event-store';
import type { Doorbell } from './doorbell.ts';
import type { EsdbConnection } from './esdb-connection.ts';
import { storeAway } from './esdb-failure.ts';
import { persist, type Patience } from './patience.ts';
import { eventsOf } from './stream-reader.ts';
import { formatPosition, parsePosition, unknownPosition, type WirePosition } from './wire-position.ts';
import { readLogRequest } from './wire-requests.ts';

const PAGE = 500;

/** All of ours, whatever a subscriber wants: so positions advance with every event, and no other's is sent. */
export const OUR_PREFIXES: readonly string[] = Object.keys(WRITER_OF).map((category) => `${category}-`);

export interface LogPullOptions {
  readonly connection: EsdbConnection;
  readonly doorbell: Doorbell;
  /** How long a page is tried for; then the subscription ends with `store_unavailable`. */
  readonly patience: Patience;
  readonly from: Position | undefined;
  readonly categories: readonly Category[];
  readonly subscriber: Subscriber;
}

/**
 * A subscription that pulls: it reads on from the last event that the subscriber was given, waits for the
 * doorbell only at the head, and reads that last event again each time as proof that it continues the same
 * log. So history and live are one and the same read, and there is no seam at which a server could skip
 * or double an event.
 */
export class LogPull implements Subscription {
  readonly ended: Promise<void>;
  readonly #options: LogPullOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #closing = new AbortController();
  #caughtUp = false;

  constructor(options: LogPullOptions) {
    this.#options = options;
    this.#wanted = new Set(options.categories);
    this.ended = this.#run();
    // Who doesn't wait for `ended` must not bring the process down by it.
    this.ended.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { doorbell, subscriber, from } = this.#options;
    const { signal } = this.#closing;
    // A subscriber never hears anything before it holds the subscription.
    await nextTurn();
    let after = from === undefined ? undefined : parsePosition(from);
    while (!signal.aborted) {
      const { rings } = doorbell;
      const events = await this.#readOn(after);
      const last = events.at(-1);
      if (signal.aborted) return;
      if (last === undefined) {
        this.#tellCaughtUp();
        await doorbell.after(rings, after, signal);
        continue;
      }
      await subscriber.onEvents(
        events.filter((event) => this.#wants(event)),
        last.position,
      );
      after = parsePosition(last.position);
    }
  }

  /** The next events, or none at the head (or when closed). */
  async #readOn(after: WirePosition | undefined): Promise<readonly RecordedEvent[]> {
    const { signal } = this.#closing;
    try {
      return await persist(this.#options.patience, {
        attempt: async (deadline) => this.#readOnce(after, deadline),
        giveUp: (_lost, cause) => storeAway(cause),
        signal,
      });
    } catch (error) {
      if (signal.aborted) return [];
      throw error;
    }
  }

  async #readOnce(after: WirePosition | undefined, deadline: number): Promise<readonly RecordedEvent[]> {
    const { connection } = this.#options;
    const request = readLogRequest({ from: after, prefixes: OUR_PREFIXES }, PAGE);
    const events = eventsOf(await connection.read(request, deadline, this.#closing.signal));
    if (after === undefined) return events;
    const [anchor, ...rest] = events;
    const stands = anchor !== undefined && samePlace(parsePosition(anchor.position), after);
    if (!stands) throw unknownPosition(formatPosition(after));
    return rest;
  }

  #wants({ stream }: RecordedEvent): boolean {
    return this.#wanted.has(parseStreamName(stream).category);
  }

  #tellCaughtUp(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#options.subscriber.onCaughtUp?.();
  }
}

const samePlace = (a: WirePosition, b: WirePosition): boolean =>
  a.commit === b.commit && a.prepare === b.prepare;

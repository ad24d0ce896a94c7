import type { ReadOptions, RecordedEvent } from '@countersign/event-store';

/** A stream's events from a revision to its end. */
interface Tail {
  readonly from: number;
  readonly events: readonly RecordedEvent[];
  readonly size: number;
}

export interface RecentStreamsOptions {
  /** Characters of canonical text kept at most; on the heap they take about four times as many bytes. */
  readonly capacity?: number;
}

const CAPACITY = 16 * 1024 * 1024;
/** No stream may push out all others. */
const SHARE = 16;
/** What a stream costs besides its events. Absent streams are kept too. */
const OVERHEAD = 256;

/**
 * The streams last read or appended to, each from some revision to its end, the least recently used gone
 * first. It knows nothing of the file: whoever fills it must move it on at each commit, before anybody can
 * know of that commit, and forget what may have changed otherwise. Readers share the events: hand in
 * frozen ones.
 */
export class RecentStreams {
  readonly #tails = new Map<string, Tail>();
  readonly #capacity: number;
  #size = 0;

  constructor({ capacity = CAPACITY }: RecentStreamsOptions = {}) {
    this.#capacity = capacity;
  }

  /** What the stream answers to such a read; undefined where not all of it is kept. */
  read(stream: string, options: ReadOptions): readonly RecordedEvent[] | undefined {
    const tail = this.#tails.get(stream);
    if (tail === undefined) return undefined;
    this.#tails.delete(stream);
    this.#tails.set(stream, tail);
    return sliceOf(tail, options);
  }

  /** Keeps what a read gave, where it reached the stream's end. */
  keep(stream: string, options: ReadOptions, events: readonly RecordedEvent[], size: number): void {
    const tail = tailOf(options, events);
    if (tail !== undefined) this.#put(stream, { ...tail, size: OVERHEAD + size });
  }

  /** Moves a stream on by a committed append. One that isn't kept is kept from here where it is new. */
  extend(stream: string, events: readonly RecordedEvent[], size: number): void {
    const first = events[0]?.revision;
    const known =
      this.#tails.get(stream) ?? (first === 0 ? { from: 0, events: [], size: OVERHEAD } : undefined);
    if (known === undefined) return;
    if (known.from + known.events.length !== first) return this.forget(stream);
    this.#put(stream, { from: known.from, events: [...known.events, ...events], size: known.size + size });
  }

  forget(stream: string): void {
    this.#size -= this.#tails.get(stream)?.size ?? 0;
    this.#tails.delete(stream);
  }

  clear(): void {
    this.#tails.clear();
    this.#size = 0;
  }

  #put(stream: string, tail: Tail): void {
    this.forget(stream);
    if (tail.size > this.#capacity / SHARE) return;
    this.#tails.set(stream, tail);
    this.#size += tail.size;
    for (const oldest of this.#tails.keys()) {
      if (this.#size <= this.#capacity) return;
      this.forget(oldest);
    }
  }
}

/** Undefined where what was read may end before the stream does. */
const tailOf = (
  { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY }: ReadOptions,
  events: readonly RecordedEvent[],
): Pick<Tail, 'from' | 'events'> | undefined => {
  if (direction === 'backwards') {
    if (from !== undefined || limit === 0) return undefined;
    return { from: events.at(-1)?.revision ?? 0, events: events.toReversed() };
  }
  const start = from ?? 0;
  const reachedTheEnd = events.length < limit && (events.length > 0 || start === 0);
  return reachedTheEnd ? { from: start, events } : undefined;
};

const sliceOf = (
  tail: Tail,
  { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY }: ReadOptions,
): readonly RecordedEvent[] | undefined => {
  const end = tail.from + tail.events.length;
  if (direction === 'forwards') {
    const low = from ?? 0;
    return low < tail.from ? undefined : tail.events.slice(low - tail.from, low - tail.from + limit);
  }
  const high = Math.min(end, (from ?? end) + 1);
  const low = Math.max(0, high - limit);
  return low < tail.from ? undefined : tail.events.slice(low - tail.from, high - tail.from).toReversed();
};

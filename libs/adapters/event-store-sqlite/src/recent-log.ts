import type { LogBatch, ReadOptions, RecordedEvent } from '@countersign/event-store';
import type { LogReader } from './log-reader.ts';
import { RecentStreams, type RecentStreamsOptions } from './recent-streams.ts';

/** A committed append as its readers are given it: deep-frozen. */
export interface CommittedAppend {
  readonly stream: string;
  readonly events: readonly RecordedEvent[];
  /** Characters of canonical text. */
  readonly size: number;
}

/** Events at the head that are kept for subscribers; who is further behind reads the file. */
const KEPT_AT_HEAD = 1_000;

/**
 * The log up to the last commit that this process was told of, in memory where it can be. That is safe
 * because the folder is locked and this process's one writer is the only one that changes the file: each
 * commit comes by here, and moves memory and head on together before anybody is told of it. What lies
 * beyond the head in the file already is read by nobody. So a read from memory and one from the file
 * answer alike, and no read shows less than one before it.
 */
export class RecentLog {
  readonly #reader: LogReader;
  readonly #streams: RecentStreams;
  #head: number;
  /** The last events of the log, without a gap. */
  #last: readonly RecordedEvent[] = [];

  constructor(reader: LogReader, head: number, options: RecentStreamsOptions = {}) {
    this.#reader = reader;
    this.#head = head;
    this.#streams = new RecentStreams(options);
  }

  /** Position of the last event. */
  get head(): number {
    return this.#head;
  }

  readStream(stream: string, options: ReadOptions): readonly RecordedEvent[] {
    const known = this.#streams.read(stream, options);
    if (known !== undefined) return known;
    const { events, size } = this.#reader.readStream(stream, options, this.#head);
    this.#streams.keep(stream, options, events, size);
    return events;
  }

  readAfter(position: number): LogBatch | undefined {
    const behind = this.#head - position;
    if (behind === 0) return undefined;
    if (behind > this.#last.length) return this.#reader.readAfter(position, this.#head);
    const entries = this.#last.slice(-behind).map((event) => ({ stream: event.stream, event: () => event }));
    return { entries, position: String(this.#head) };
  }

  /** By one commit, whose appends stand in the order of the log. */
  advance(head: number, appends: readonly CommittedAppend[]): void {
    for (const { stream, events, size } of appends) this.#streams.extend(stream, events, size);
    const events = appends.flatMap((append) => append.events);
    const isWhole = events.length === head - this.#head;
    this.#last = isWhole ? [...this.#last, ...events].slice(-KEPT_AT_HEAD) : [];
    this.#head = head;
  }

  /** An append met another stream than its writer had loaded: the file is asked again. */
  forget(stream: string): void {
    this.#streams.forget(stream);
  }

  /** Nobody knows whether a commit stands: from here on the file alone tells. */
  doubt(): void {
    this.#streams.clear();
    this.#last = [];
    try {
      this.#head = this.#reader.head();
    } catch {
      // Reads tell whoever asks why the file can't be read.
    }
  }
}

import type { LogEvent } from './archive-lines.ts';
import { malformed } from './archive-error.ts';

/** More events than any append of ours holds: what claims to be longer is a lie about memory. */
const MOST_EVENTS = 4_096;

/**
 * Puts the events of a log together to the appends in which they were signed, which lie in one piece in the log
 * of every store. What doesn't is `archive_malformed`.
 */
export class AppendGrouper {
  #open: LogEvent[] = [];

  /** The append that this event completes; undefined while events of it are missing. */
  push(event: LogEvent): readonly LogEvent[] | undefined {
    const { stream, revision } = event;
    const { first, count } = event.metadata.signature;
    const [head = event] = this.#open;
    const inPlace =
      stream === head.stream &&
      first === head.metadata.signature.first &&
      count === head.metadata.signature.count &&
      revision === first + this.#open.length;
    if (!inPlace || !(count >= 1 && count <= MOST_EVENTS)) {
      throw malformed(`${stream}@${revision}`, 'The event stands outside the append it was signed in.');
    }
    this.#open.push(event);
    if (this.#open.length < count) return undefined;
    const append = this.#open;
    this.#open = [];
    return append;
  }

  /** Refuses a log that ends in the middle of an append. */
  end(): void {
    const [head] = this.#open;
    if (head !== undefined)
      throw malformed(`${head.stream}@${head.revision}`, 'The end of its append is missing.');
  }
}

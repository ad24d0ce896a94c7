import { createHash } from 'node:crypto';

/**
 * base64url SHA-256 over the whole log in its order: of each event `<stream>@<revision>`, a space, the RFC 8785
 * text of its envelope and a line feed. Positions and times of commit are the store's own and not in it, so
 * every store that holds the same log has the same digest.
 */
export class LogDigest {
  readonly #hash = createHash('sha256');
  #events = 0;

  add(record: string): void {
    this.#hash.update(record, 'utf8').update('\n');
    this.#events += 1;
  }

  get events(): number {
    return this.#events;
  }

  /** Of what was added so far; nothing can be added afterwards. */
  digest(): string {
    return this.#hash.digest('base64url');
  }
}

/** What the digest holds of one event; equal where stream, place and every byte are. */
export const logRecord = (stream: string, revision: number, text: string): string =>
  `${stream}@${revision} ${text}`;

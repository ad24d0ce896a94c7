import { canonicalJson } from '@countersign/kernel';
import { ArchiveError } from './archive-error.ts';
import type { LogEvent } from './archive-lines.ts';
import { envelopeOf, type CheckedAppend } from './checked-append.ts';
import { logRecord } from './log-digest.ts';
import { readLog, type WholeLog } from './read-log.ts';

/** What a store held when an import began, compared with the archive from the first event on. */
export class StandingLog {
  readonly #batches: AsyncGenerator<readonly LogEvent[], void, void>;
  #batch: readonly LogEvent[] = [];
  #next = 0;

  constructor(store: WholeLog) {
    this.#batches = readLog(store);
  }

  /**
   * Whether the append stands here, as the next one: an import that was interrupted brought it. `store_not_empty`
   * where something else stands in its place.
   */
  async holds({ events, texts }: CheckedAppend): Promise<boolean> {
    for (const [index, { stream, revision }] of events.entries()) {
      const standing = await this.#take();
      if (standing === undefined && index === 0) return false;
      const same =
        standing !== undefined && recordOf(standing) === logRecord(stream, revision, texts[index] ?? '');
      if (!same) throw notEmpty();
    }
    return true;
  }

  /** `store_not_empty` where more stands here than was asked for. */
  async requireEnd(): Promise<void> {
    if ((await this.#take()) !== undefined) throw notEmpty();
  }

  async close(): Promise<void> {
    await this.#batches.return();
  }

  async #take(): Promise<LogEvent | undefined> {
    while (this.#next >= this.#batch.length) {
      const { value, done } = await this.#batches.next();
      if (done === true) return undefined;
      this.#batch = value;
      this.#next = 0;
    }
    this.#next += 1;
    return this.#batch[this.#next - 1];
  }
}

const recordOf = (event: LogEvent): string =>
  logRecord(event.stream, event.revision, canonicalJson(envelopeOf(event)));

const notEmpty = (): ArchiveError =>
  new ArchiveError(
    'store_not_empty',
    'The store holds another log than the file. Import into an empty store; one whose import was interrupted takes the same file again.',
  );

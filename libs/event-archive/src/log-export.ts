import { createHash } from 'node:crypto';
import type { AppendVerifier } from '@countersign/event-store';
import { AppendGrouper } from './append-grouper.ts';
import { endLine, eventLine, headerLine, type ArchiveEnd } from './archive-lines.ts';
import { checkAppend, type CheckedAppend } from './checked-append.ts';
import { LogDigest, logRecord } from './log-digest.ts';
import { modeOf } from './log-mode.ts';
import { readLog, type WholeLog } from './read-log.ts';

export interface ArchiveSummary extends ArchiveEnd {
  readonly mode: string | null;
}

export interface ExportOptions {
  /** Where given, an append that its writer didn't sign ends the export with `signature_invalid`. */
  readonly verifier?: AppendVerifier | undefined;
  /** Told how many events were written so far. */
  readonly onProgress?: ((events: number) => void) | undefined;
}

/** A log on its way into a file. */
export class LogExport {
  readonly #store: WholeLog;
  readonly #options: ExportOptions;
  readonly #log = new LogDigest();
  readonly #file = createHash('sha256');
  #summary: ArchiveSummary | undefined;

  constructor(store: WholeLog, options: ExportOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  /** What the file holds, once all of {@link LogExport.chunks} was taken. */
  get summary(): ArchiveSummary {
    if (this.#summary === undefined) throw new Error('An export is summed up once it is whole.');
    return this.#summary;
  }

  /**
   * The file, from its first line to its last, a batch of the log at a time. It ends where the log ended when
   * it began. A log that isn't whole ends it with an error, and without the last line.
   */
  async *chunks(): AsyncGenerator<string, void, void> {
    const mode = await modeOf(this.#store);
    yield this.#hashed(`${headerLine({ mode })}\n`);
    const grouper = new AppendGrouper();
    for await (const events of readLog(this.#store)) {
      const appends = events.flatMap((event) => this.#checked(grouper.push(event)));
      yield this.#hashed(appends.map((append) => this.#lines(append)).join(''));
      this.#options.onProgress?.(this.#log.events);
    }
    grouper.end();
    const end = {
      events: this.#log.events,
      fileDigest: this.#file.digest('base64url'),
      logDigest: this.#log.digest(),
    };
    yield `${endLine(end)}\n`;
    this.#summary = { ...end, mode };
  }

  #checked(append: ReturnType<AppendGrouper['push']>): readonly CheckedAppend[] {
    return append === undefined ? [] : [checkAppend(append, this.#options.verifier)];
  }

  #lines({ events, texts }: CheckedAppend): string {
    return events
      .map((event, index) => {
        const text = texts[index] ?? '';
        this.#log.add(logRecord(event.stream, event.revision, text));
        return `${eventLine(event, text)}\n`;
      })
      .join('');
  }

  #hashed(chunk: string): string {
    this.#file.update(chunk, 'utf8');
    return chunk;
  }
}

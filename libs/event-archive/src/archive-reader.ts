import { createHash } from 'node:crypto';
import type { AppendVerifier } from '@countersign/event-store';
import { AppendGrouper } from './append-grouper.ts';
import { ArchiveError, malformed } from './archive-error.ts';
import { eventLine, parseHeader, parseLine, type ArchiveEnd, type LogEvent } from './archive-lines.ts';
import type { ArchiveSummary } from './log-export.ts';
import { byteLines, cut } from './byte-lines.ts';
import { checkAppend, type CheckedAppend } from './checked-append.ts';
import { LogDigest, logRecord } from './log-digest.ts';
import { modeIn } from './log-mode.ts';

/** Bytes that are no UTF-8 would read as something else. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A log as it is read from a file. It believes nothing: every byte must be what {@link LogExport} would have
 * written for the events that it stands for, and the whole what the last line says.
 */
export class ArchiveReader {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #verifier: AppendVerifier | undefined;
  readonly #grouper = new AppendGrouper();
  readonly #log = new LogDigest();
  readonly #file = createHash('sha256');
  /** Lines of the append that isn't whole yet. */
  #lines: string[] = [];
  #line = 0;
  #headerMode: string | null = null;
  #mode: string | null = null;
  #summary: ArchiveSummary | undefined;

  constructor(source: AsyncIterable<Uint8Array>, verifier?: AppendVerifier) {
    this.#source = source;
    this.#verifier = verifier;
  }

  /** What the file holds, once all of {@link ArchiveReader.appends} was taken without an error. */
  get summary(): ArchiveSummary {
    if (this.#summary === undefined) throw cut();
    return this.#summary;
  }

  /**
   * The appends of the log in its order. That the file is whole shows only at its end: `archive_cut` or
   * `archive_digest_mismatch` come after appends that were given out.
   */
  async *appends(): AsyncGenerator<CheckedAppend, void, void> {
    for await (const bytes of byteLines(this.#source)) {
      this.#line += 1;
      const append = this.#take(this.#textOf(bytes));
      if (append !== undefined) yield append;
    }
    if (this.#summary === undefined) throw cut();
  }

  get #place(): string {
    return `Line ${this.#line}`;
  }

  #textOf(bytes: Buffer): string {
    try {
      return UTF_8.decode(bytes);
    } catch (cause) {
      throw malformed(this.#place, 'The line is no UTF-8.', cause);
    }
  }

  #take(line: string): CheckedAppend | undefined {
    if (this.#summary !== undefined) throw malformed(this.#place, 'Something follows the last line.');
    if (this.#line === 1) {
      this.#headerMode = parseHeader(line, this.#place).mode;
      this.#hash(line);
      return undefined;
    }
    const parsed = parseLine(line, this.#place);
    if (parsed.kind === 'event') return this.#takeEvent(parsed.event, line);
    this.#summary = this.#summaryOf(parsed.end);
    return undefined;
  }

  #hash(line: string): void {
    this.#file.update(line, 'utf8').update('\n');
  }

  #takeEvent(event: LogEvent, line: string): CheckedAppend | undefined {
    this.#hash(line);
    this.#lines.push(line);
    const events = this.#grouper.push(event);
    if (events === undefined) return undefined;
    const lines = this.#lines;
    this.#lines = [];
    const append = checkAppend(events, this.#verifier);
    events.forEach((each, index) => this.#takeBytes(each, append.texts[index] ?? '', lines[index]));
    return append;
  }

  /** One writing of an event alone is taken: else two files could mean the same log with other bytes. */
  #takeBytes(event: LogEvent, text: string, line: string | undefined): void {
    if (eventLine(event, text) !== line) {
      throw malformed(`${event.stream}@${event.revision}`, 'The line is not in RFC 8785 form.');
    }
    this.#mode ??= modeIn(event) ?? null;
    this.#log.add(logRecord(event.stream, event.revision, text));
  }

  #summaryOf(end: ArchiveEnd): ArchiveSummary {
    this.#grouper.end();
    const found = {
      events: this.#log.events,
      fileDigest: this.#file.digest('base64url'),
      logDigest: this.#log.digest(),
    };
    const same =
      found.events === end.events &&
      found.fileDigest === end.fileDigest &&
      found.logDigest === end.logDigest &&
      this.#mode === this.#headerMode;
    if (!same) {
      throw new ArchiveError(
        'archive_digest_mismatch',
        `The file says ${end.events} events, ${end.fileDigest}; it holds ${found.events}, ${found.fileDigest}. Export the log again.`,
      );
    }
    return { ...found, mode: this.#mode };
  }
}

/** Reads an archive to its end, for its errors and for what it holds. */
export const checkArchive = async (reader: ArchiveReader): Promise<ArchiveSummary> => {
  const appends = reader.appends();
  while ((await appends.next()).done !== true);
  return reader.summary;
};

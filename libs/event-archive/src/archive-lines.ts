import { canonicalJson, isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import type { EventEnvelope, RecordedEvent } from '@countersign/event-store';
import { ArchiveError, malformed } from './archive-error.ts';

/** An event of a log, wherever it lies. Positions are a store's own and no part of an archive. */
export type LogEvent = Omit<RecordedEvent, 'position'>;

export interface ArchiveHeader {
  /** The mode in which the log was made; null where it holds no event that says so. */
  readonly mode: string | null;
}

export interface ArchiveEnd {
  readonly events: number;
  /** base64url SHA-256 over every byte of the file before the last line. */
  readonly fileDigest: string;
  /** See {@link LogDigest}: the same of every store that holds this log. */
  readonly logDigest: string;
}

const FORMAT = 'countersign-log';
const VERSION = 1;

/** `{"format":"countersign-log","mode":…,"version":1}` */
export const headerLine = ({ mode }: ArchiveHeader): string =>
  canonicalJson({ format: FORMAT, mode, version: VERSION });

/** `{"committedAt":…,"event":{…},"revision":…,"stream":…}`, in RFC 8785 form; `text` is that of the envelope. */
export const eventLine = ({ stream, revision, committedAt }: LogEvent, text: string): string =>
  `{"committedAt":${canonicalJson(committedAt)},"event":${text},"revision":${revision},"stream":${canonicalJson(stream)}}`;

/** `{"end":{"events":…,"fileDigest":…,"logDigest":…}}` */
export const endLine = ({ events, fileDigest, logDigest }: ArchiveEnd): string =>
  canonicalJson({ end: { events, fileDigest, logDigest } });

const parse = (line: string, place: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(line);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw malformed(place, 'The line is no JSON.', cause);
  }
  throw malformed(place, 'The line is no JSON object.');
};

export const parseHeader = (line: string, place: string): ArchiveHeader => {
  const { format, version, mode } = parse(line, place);
  if (format !== FORMAT) throw malformed(place, 'The file is no archive of a log.');
  if (version !== VERSION) {
    throw new ArchiveError(
      'archive_version_unknown',
      `The archive is of version ${JSON.stringify(version)}, this build knows ${VERSION}; upgrade it.`,
      { field: 'version' },
    );
  }
  const header = { mode: typeof mode === 'string' ? mode : null };
  if (headerLine(header) !== line) throw malformed(place, 'The first line holds something else too.');
  return header;
};

export type ArchiveLine =
  { readonly kind: 'event'; readonly event: LogEvent } | { readonly kind: 'end'; readonly end: ArchiveEnd };

/** A line after the first. Shape alone: that an event's bytes are canonical shows once its append is whole. */
export const parseLine = (line: string, place: string): ArchiveLine => {
  const value = parse(line, place);
  const { event, stream, revision, committedAt, end } = value;
  if (isJsonObject(end)) return { kind: 'end', end: endOf(end, line, place) };
  const whole = isEnvelope(event) && typeof stream === 'string' && typeof revision === 'number';
  if (!whole || !isTimestamp(committedAt)) throw malformed(place, 'The line is no event.');
  const { id, type, schemaVersion, data, metadata } = event;
  return {
    kind: 'event',
    event: { id, type, schemaVersion, data, metadata, stream, revision, committedAt },
  };
};

const isEnvelope = (value: Json | undefined): value is Json & EventEnvelope =>
  isJsonObject(value) && isJsonObject(value['metadata']) && isJsonObject(value['metadata']['signature']);

const isTimestamp = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value);

const endOf = (value: JsonObject, line: string, place: string): ArchiveEnd => {
  const { events, fileDigest, logDigest } = value;
  const whole = typeof events === 'number' && typeof fileDigest === 'string' && typeof logDigest === 'string';
  if (!whole || endLine({ events, fileDigest, logDigest }) !== line) {
    throw malformed(place, 'The last line is damaged.');
  }
  return { events, fileDigest, logDigest };
};

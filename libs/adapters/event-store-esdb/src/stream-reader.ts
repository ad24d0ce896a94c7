import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { isJsonObject } from '@countersign/kernel';
import type { Position, ReadOptions, RecordedEvent } from '@countersign/event-store';
import type { Deadline } from './deadline.ts';
import type { EsdbConnection } from './esdb-connection.ts';
import { corrupt, positionOf, toRecordedEvent } from './recorded-event.ts';
import { readHeadRequest, readStreamRequest } from './wire-requests.ts';

/** Events as one read answered them, not yet parsed. */
export const recordedOf = (
  answers: readonly streams.ReadResp[],
): streams.ReadResp.ReadEvent.RecordedEvent[] =>
  answers.flatMap((answer) => answer.getEvent()?.getEvent() ?? []);

/**
 * One read of one stream. A stream whose beginning was cut off, that has a hole or that was deleted is
 * `store_corrupt`: without this a deleted revocation would read as one that never was.
 */
export const readStreamOnce = async (
  connection: EsdbConnection,
  stream: string,
  { direction = 'forwards', from, limit }: ReadOptions,
  deadline: Deadline,
): Promise<readonly RecordedEvent[]> => {
  const request = readStreamRequest({ stream, direction, from, limit });
  const answers = await connection.read(request, deadline);
  if (answers.some((answer) => answer.hasStreamNotFound())) {
    await requireNeverWritten(connection, stream, deadline);
    return [];
  }
  const events = recordedOf(answers).map(toRecordedEvent);
  requireWhole(stream, events, direction === 'forwards' ? (from ?? 0) : events[0]?.revision, direction);
  return events;
};

/** Position of the log's last event in streams whose names begin with one of `prefixes`. */
export const readHeadOnce = async (
  connection: EsdbConnection,
  prefixes: readonly string[],
  deadline: Deadline,
): Promise<Position | undefined> => {
  const [last] = recordedOf(await connection.read(readHeadRequest(prefixes), deadline));
  return last === undefined ? undefined : positionOf(last);
};

const requireWhole = (
  stream: string,
  events: readonly RecordedEvent[],
  start: number | undefined,
  direction: 'forwards' | 'backwards',
): void => {
  const step = direction === 'forwards' ? 1 : -1;
  const missing = events.some(({ revision }, index) => revision !== Number(start) + step * index);
  if (missing) throw corrupt(stream, 'A revision is missing; the stream was truncated or deleted.');
};

/** A stream that was deleted softly reads as absent, and says so only in its metadata stream. */
const requireNeverWritten = async (
  connection: EsdbConnection,
  stream: string,
  deadline: Deadline,
): Promise<void> => {
  const request = readStreamRequest({
    stream: `$$${stream}`,
    direction: 'backwards',
    from: undefined,
    limit: 1,
  });
  const [metadata] = recordedOf(await connection.read(request, deadline));
  if (metadata === undefined) return;
  const settings: unknown = JSON.parse(Buffer.from(metadata.getData_asU8()).toString('utf8'));
  if (isJsonObject(settings) && '$tb' in settings) throw corrupt(stream, 'The stream was deleted.');
};

import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { isJsonObject, toTimestamp, type JsonObject } from '@countersign/kernel';
import { EventStoreError, type EventMetadata, type RecordedEvent } from '@countersign/event-store';
import { formatPosition } from './wire-position.ts';

export type Recorded = streams.ReadResp.ReadEvent.RecordedEvent;

/** What a server answers for a position that it doesn't know. */
const NO_POSITION = '18446744073709551615';
/** `created` counts 100 ns since the Unix epoch. */
const TICKS_PER_MS = 10_000n;

export const corrupt = (place: string, why: string, cause?: unknown): EventStoreError =>
  new EventStoreError('store_corrupt', `${place}: ${why} Restore the store; nothing may follow from it.`, {
    cause,
  });

const parseObject = (bytes: Uint8Array, place: string): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(place, 'The event is no JSON.', cause);
  }
  if (!isJsonObject(value)) throw corrupt(place, 'The event is no envelope.');
  return value;
};

const isMetadata = (value: JsonObject): value is JsonObject & EventMetadata =>
  isJsonObject(value['signature']);

export const streamOf = (recorded: Recorded): string =>
  Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');

const placeOf = (recorded: Recorded): string =>
  `${streamOf(recorded)}@${Number(recorded.getStreamRevision())}`;

const idOf = (id: shared.UUID | undefined, place: string): string => {
  if (id?.hasString() === true) return id.getString();
  throw corrupt(place, 'The event has no id as text.');
};

const committedAt = (recorded: Recorded, place: string): string => {
  const created = recorded.getMetadataMap().get('created');
  if (created === undefined || !/^[0-9]{1,18}$/.test(created))
    throw corrupt(place, 'It has no time of commit.');
  return toTimestamp(Number(BigInt(created) / TICKS_PER_MS));
};

/** `store_corrupt` also where a server older than 22.6 leaves positions out of streams: we need them. */
export const positionOf = (recorded: Recorded): string => {
  const commit = recorded.getCommitPosition();
  if (commit === NO_POSITION)
    throw corrupt(placeOf(recorded), 'The server tells no position; use EventStoreDB 22.6 or newer.');
  return formatPosition({ commit, prepare: recorded.getPreparePosition() });
};

/**
 * An event as the server holds it: `data` is `{schemaVersion, data}`, the custom metadata ours, both in RFC
 * 8785 form. Shape alone is checked, since replay is long; the signature tells of tampering.
 */
export const toRecordedEvent = (recorded: Recorded): RecordedEvent => {
  const stream = streamOf(recorded);
  const revision = Number(recorded.getStreamRevision());
  const place = placeOf(recorded);
  const body = parseObject(recorded.getData_asU8(), place);
  const metadata = parseObject(recorded.getCustomMetadata_asU8(), place);
  const { schemaVersion, data } = body;
  const type = recorded.getMetadataMap().get('type');
  const whole = typeof schemaVersion === 'number' && isJsonObject(data) && isMetadata(metadata);
  if (!whole || type === undefined) throw corrupt(place, 'The event is no envelope.');
  return {
    id: idOf(recorded.getId(), place),
    type,
    schemaVersion,
    data,
    metadata,
    stream,
    revision,
    position: positionOf(recorded),
    committedAt: committedAt(recorded, place),
  };
};

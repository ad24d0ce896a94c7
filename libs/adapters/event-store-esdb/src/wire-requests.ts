import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalBytes } from '@countersign/kernel';
import { firstRevision, type EventEnvelope, type ExpectedRevision } from '@countersign/event-store';
import type { WirePosition } from './wire-position.ts';

const { AppendReq, ReadReq } = streams;
const { Empty, StreamIdentifier, UUID } = shared;

/** More than any stream holds; the protocol has no "all". */
const ALL = Number.MAX_SAFE_INTEGER;
/** How many events of others a filtered read may look at before it answers a page. */
const SEARCH_WINDOW = 500;

const identifier = (stream: string): shared.StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8').toString('base64'));

const proposed = ({ id, type, schemaVersion, data, metadata }: EventEnvelope): streams.AppendReq => {
  const message = new AppendReq.ProposedMessage()
    .setId(new UUID().setString(id))
    // The bytes are ours: an object given to the client would be written anew, with integer-like keys moved.
    .setData(canonicalBytes({ schemaVersion, data }))
    .setCustomMetadata(canonicalBytes(metadata));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return new AppendReq().setProposedMessage(message);
};

/** The messages of one append: where it goes, then its events. */
export const appendRequests = (
  stream: string,
  expectedRevision: ExpectedRevision,
  events: readonly EventEnvelope[],
): readonly streams.AppendReq[] => {
  const options = new AppendReq.Options().setStreamIdentifier(identifier(stream));
  if (expectedRevision === 'no-stream') options.setNoStream(new Empty());
  else options.setRevision(String(firstRevision(expectedRevision) - 1));
  return [new AppendReq().setOptions(options), ...events.map(proposed)];
};

const options = (): streams.ReadReq.Options =>
  new ReadReq.Options()
    .setResolveLinks(false)
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));

export interface StreamRange {
  readonly stream: string;
  readonly direction: 'forwards' | 'backwards';
  readonly from: number | undefined;
  readonly limit: number | undefined;
}

export const readStreamRequest = ({ stream, direction, from, limit = ALL }: StreamRange): streams.ReadReq => {
  const range = new ReadReq.Options.StreamOptions().setStreamIdentifier(identifier(stream));
  if (from !== undefined) range.setRevision(String(from));
  else if (direction === 'forwards') range.setStart(new Empty());
  else range.setEnd(new Empty());
  return new ReadReq().setOptions(
    options()
      .setStream(range)
      .setReadDirection(direction === 'forwards' ? 0 : 1)
      .setCount(String(limit))
      .setNoFilter(new Empty()),
  );
};

const allFrom = (from: WirePosition | undefined): streams.ReadReq.Options.AllOptions => {
  const all = new ReadReq.Options.AllOptions();
  if (from === undefined) return all.setStart(new Empty());
  return all.setPosition(
    new ReadReq.Options.Position().setCommitPosition(from.commit).setPreparePosition(from.prepare),
  );
};

const byPrefix = (prefixes: readonly string[]): streams.ReadReq.Options.FilterOptions =>
  new ReadReq.Options.FilterOptions()
    .setStreamIdentifier(new ReadReq.Options.FilterOptions.Expression().setPrefixList([...prefixes]))
    .setMax(SEARCH_WINDOW)
    .setCheckpointintervalmultiplier(1);

export interface LogRange {
  readonly from: WirePosition | undefined;
  /** Only streams whose names begin with one of these. */
  readonly prefixes: readonly string[];
}

/** Reads the log forwards; the event at `from` is the first, where it is of these streams. */
export const readLogRequest = ({ from, prefixes }: LogRange, limit: number): streams.ReadReq =>
  new ReadReq().setOptions(
    options().setAll(allFrom(from)).setReadDirection(0).setCount(String(limit)).setFilter(byPrefix(prefixes)),
  );

/** Reads the log's last event of these streams. */
export const readHeadRequest = (prefixes: readonly string[]): streams.ReadReq =>
  new ReadReq().setOptions(
    options()
      .setAll(new ReadReq.Options.AllOptions().setEnd(new Empty()))
      .setReadDirection(1)
      .setCount('1')
      .setFilter(byPrefix(prefixes)),
  );

/** Hears the log after `from`, that event excluded, and goes on without end. */
export const subscribeRequest = ({ from, prefixes }: LogRange): streams.ReadReq =>
  new ReadReq().setOptions(
    options()
      .setAll(allFrom(from))
      .setReadDirection(0)
      .setSubscription(new ReadReq.Options.SubscriptionOptions())
      .setFilter(byPrefix(prefixes)),
  );

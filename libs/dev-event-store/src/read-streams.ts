import streams from '@eventstore/db-client/generated/streams_pb.js';
import { WRITER_OF } from '@countersign/event-store';
import type { Category, EventStore, LogEnd, RecordedEvent } from '@countersign/event-store';
import { hasCode } from '@countersign/kernel';
import { eventAnswer, nameOf, notFoundAnswer, truncationAnswer } from './protocol.ts';
import { errorOf, invalidArgument } from './refusal.ts';

export const ALL_CATEGORIES = Object.keys(WRITER_OF) as readonly Category[];

/** Streams of which everything before a revision was truncated, as an administrator could do. */
export type Truncations = ReadonlyMap<string, number>;

export const isBackwards = (options: streams.ReadReq.Options): boolean =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;

/** What a read of one stream answers. */
export const readStream = async (
  store: EventStore,
  truncations: Truncations,
  options: streams.ReadReq.Options,
): Promise<readonly streams.ReadResp[]> => {
  const range = options.getStream();
  const stream = nameOf(range?.getStreamIdentifier());
  if (stream.startsWith('$$')) return readMetadata(truncations, stream.slice(2));
  const kept = truncations.get(stream) ?? 0;
  const [head] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  if (head === undefined || head.revision < kept) return [notFoundAnswer(stream)];
  const backwards = isBackwards(options);
  const from = range?.hasRevision() === true ? { from: Number(range.getRevision()) } : {};
  const direction = backwards ? 'backwards' : 'forwards';
  const limit = Number(options.getCount());
  const events = await store.readStream(stream, { ...from, direction, limit });
  return events.filter(({ revision }) => revision >= kept).map(eventAnswer);
};

const readMetadata = (truncations: Truncations, stream: string): readonly streams.ReadResp[] => {
  const before = truncations.get(stream);
  return [before === undefined ? notFoundAnswer(`$$${stream}`) : truncationAnswer(stream, before)];
};

const prefixesOf = (options: streams.ReadReq.Options): readonly string[] =>
  options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [''];

/** Whether the filter of a read of the log lets an event through. */
export const filterOf = (options: streams.ReadReq.Options): ((event: RecordedEvent) => boolean) => {
  const prefixes = prefixesOf(options);
  return ({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix));
};

/** The SQLite store counts positions from 1, so what comes right before one is known. */
export const positionBefore = (commit: string): string | undefined =>
  commit === '0' || commit === '1' ? undefined : String(BigInt(commit) - 1n);

/** What a read of the log backwards answers; of all that the protocol offers, its last event alone. */
export const readLogEnd = async (
  store: EventStore & LogEnd,
  options: streams.ReadReq.Options,
): Promise<readonly streams.ReadResp[]> => {
  if (options.getAll()?.hasEnd() !== true || options.getCount() !== '1') {
    throw errorOf(invalidArgument('Backwards, only the last event of the log is served here.'));
  }
  const head = await store.head();
  return head === undefined ? [] : readFrom(store, head, options);
};

/** What a read of the log answers, from a position on, that event included. Beyond the end there is nothing. */
export const readLog = async (
  store: EventStore,
  options: streams.ReadReq.Options,
): Promise<readonly streams.ReadResp[]> => {
  const position = options.getAll()?.getPosition();
  return readFrom(store, position?.getCommitPosition(), options);
};

const readFrom = async (
  store: EventStore,
  position: string | undefined,
  options: streams.ReadReq.Options,
): Promise<readonly streams.ReadResp[]> => {
  const from = position === undefined ? undefined : positionBefore(position);
  const limit = Number(options.getCount());
  const matches = filterOf(options);
  const found: RecordedEvent[] = [];
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const subscription = store.subscribe(
    { from, categories: ALL_CATEGORIES },
    {
      onEvents: (events) => {
        found.push(...events.filter(matches));
        if (found.length >= limit) finish();
      },
      onCaughtUp: finish,
    },
  );
  try {
    await Promise.race([done, subscription.ended]);
  } catch (error) {
    if (!hasCode(error, 'unknown_position')) throw error;
  } finally {
    await subscription.close();
  }
  return found.slice(0, limit).map(eventAnswer);
};

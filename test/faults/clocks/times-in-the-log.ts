import { reviewEvents } from '@countersign/domain-review';
import { parseStreamName, streamName, type RecordedEvent } from '@countersign/event-store';
import { MAX_SKEW_MS, toEpochMs } from '@countersign/kernel';

/** Of an append on a machine that is busy. */
const LATENCY_MS = 5_000;

type Streams = ReadonlyMap<string, readonly RecordedEvent[]>;

const committedMs = (events: readonly RecordedEvent[], type: string): number | undefined => {
  const found = events.find((event) => event.type === type);
  return found === undefined ? undefined : toEpochMs(found.committedAt);
};

const reviewOf = (id: string, streams: Streams): readonly RecordedEvent[] =>
  streams.get(streamName('review', id)) ?? [];

/** How long the approval gives a grant, by policy. */
const grantTtlMs = (review: readonly RecordedEvent[]): number => {
  const approved = reviewEvents(review).find((event) => event.type === 'ReviewApproved');
  if (approved === undefined) return 0;
  return toEpochMs(approved.data.grantExpiresAt) - toEpochMs(approved.data.approvedAt);
};

/** Redemptions that were committed after the grant's life, counted from the commit of its approval: by the store's clock alone. */
export const lateRedemptions = (events: readonly RecordedEvent[]): readonly string[] => {
  const streams: Streams = Map.groupBy(events, ({ stream }) => stream);
  return [...streams].flatMap(([stream, its]) => {
    const redeemedMs = committedMs(its, 'GrantRedeemed');
    if (redeemedMs === undefined) return [];
    const review = reviewOf(parseStreamName(stream).id, streams);
    const endsMs = (committedMs(review, 'ReviewApproved') ?? 0) + grantTtlMs(review);
    return redeemedMs <= endsMs + MAX_SKEW_MS + LATENCY_MS
      ? []
      : [`${stream}: redeemed ${redeemedMs - endsMs} ms late`];
  });
};

/** Reviews that ended by time before their time had come, by the store's clock. */
export const earlyExpiries = (events: readonly RecordedEvent[]): readonly string[] => {
  const streams: Streams = Map.groupBy(events, ({ stream }) => stream);
  return [...streams].flatMap(([stream, its]) => {
    const opened = reviewEvents(parseStreamName(stream).category === 'review' ? its : []).find(
      (event) => event.type === 'ReviewOpened',
    );
    const expiredMs = committedMs(its, 'ReviewExpired');
    if (opened === undefined || expiredMs === undefined) return [];
    const earlyMs = toEpochMs(opened.data.expiresAt) - expiredMs;
    return earlyMs <= MAX_SKEW_MS ? [] : [parseStreamName(stream).id];
  });
};

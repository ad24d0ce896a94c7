import type { AuditEvent } from '@countersign/contracts';
import {
  streamName,
  type AppendVerifier,
  type Category,
  type EventStore,
  type RecordedEvent,
} from '@countersign/event-store';
import { auditStream } from './audited-event.ts';

/** Causes before effects: the order of the timeline within one millisecond. */
const CATEGORIES = [
  'request',
  'review',
  'reviewattempt',
  'grant',
  'grantattempt',
  'delivery',
] as const satisfies readonly Category[];

type OfEach<Value> = Readonly<Record<(typeof CATEGORIES)[number], Value>>;

export type RequestStreams = OfEach<readonly RecordedEvent[]>;

const ofEach = <Value>(make: (category: (typeof CATEGORIES)[number]) => Value): OfEach<Value> => ({
  request: make('request'),
  review: make('review'),
  reviewattempt: make('reviewattempt'),
  grant: make('grant'),
  grantattempt: make('grantattempt'),
  delivery: make('delivery'),
});

/** Everything of one request. Effects are read first, so that no effect shows without its cause. */
export const readRequestStreams = async (
  store: Pick<EventStore, 'readStream'>,
  requestId: string,
): Promise<RequestStreams> => {
  const read = new Map<Category, readonly RecordedEvent[]>();
  for (const category of CATEGORIES.toReversed()) {
    read.set(category, await store.readStream(streamName(category, requestId)));
  }
  return ofEach((category) => read.get(category) ?? []);
};

/** How long each stream is, for {@link upTo}. */
export const lengthsOf = (streams: RequestStreams): readonly number[] =>
  CATEGORIES.map((category) => streams[category].length);

/** The streams as they were when they had these lengths. */
export const upTo = (streams: RequestStreams, lengths: readonly number[]): RequestStreams =>
  ofEach((category) => streams[category].slice(0, lengths[CATEGORIES.indexOf(category)] ?? 0));

export interface AuditedStreams {
  /** Every event with the verdict on its append. By time of commit, which never goes back along the log. */
  readonly timeline: readonly AuditEvent[];
  /** Each stream up to its first event that doesn't verify: what may be relied on. */
  readonly trusted: RequestStreams;
}

export const auditRequestStreams = (verifier: AppendVerifier, streams: RequestStreams): AuditedStreams => {
  const audited = ofEach((category) => auditStream(verifier, streams[category]));
  const verified = (category: keyof RequestStreams): number => {
    const broken = audited[category].findIndex(({ signatureValid }) => !signatureValid);
    return broken < 0 ? audited[category].length : broken;
  };
  return {
    timeline: CATEGORIES.flatMap((category) => audited[category]).toSorted(byCommit),
    trusted: ofEach((category) => streams[category].slice(0, verified(category))),
  };
};

/** The sort is stable, so each stream keeps its own order. */
const byCommit = (a: AuditEvent, b: AuditEvent): number =>
  a.committedAt === b.committedAt ? 0 : a.committedAt < b.committedAt ? -1 : 1;

import type streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  EventStoreError,
  firstRevision,
  type EventEnvelope,
  type EventStore,
  type ExpectedRevision,
} from '@countersign/event-store';
import { hasCode } from '@countersign/kernel';
import type { Faults } from './faults.ts';
import { appended, envelopeOf, nameOf, wrongExpectedVersion } from './protocol.ts';
import { accessDenied, invalidArgument, timedOut, unavailable, type Refusal } from './refusal.ts';

export type Outcome = { readonly answer: streams.AppendResp } | { readonly refusal: Refusal };

interface Append {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly EventEnvelope[];
}

const parse = (requests: readonly streams.AppendReq[]): Append | Refusal => {
  const [place, ...proposed] = requests;
  const options = place?.getOptions();
  if (options === undefined) return invalidArgument('The first message names stream and revision.');
  if (!options.hasRevision() && !options.hasNoStream()) {
    return invalidArgument('Only no-stream and a revision are served here.');
  }
  const stream = nameOf(options.getStreamIdentifier());
  if (stream.startsWith('$')) return accessDenied();
  const expectedRevision = options.hasNoStream() ? 'no-stream' : Number(options.getRevision());
  const messages = proposed.flatMap((request) => request.getProposedMessage() ?? []);
  try {
    return { stream, expectedRevision, events: messages.map(envelopeOf) };
  } catch {
    return invalidArgument('Data and metadata are JSON here.');
  }
};

/**
 * EventStoreDB compares ids alone: the same ids at the wanted revisions are a success, whatever bytes come
 * with them, and one that differs makes the whole append a wrong expected version.
 */
const settleByIds = async (
  store: EventStore,
  { stream, expectedRevision, events }: Append,
): Promise<Outcome> => {
  const place = { from: firstRevision(expectedRevision), limit: events.length };
  const standing = await store.readStream(stream, place);
  const last = standing.at(-1);
  const known = standing.length === events.length && standing.every(({ id }, at) => id === events[at]?.id);
  if (known && last !== undefined) return { answer: appended(last) };
  const [head] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  return { answer: wrongExpectedVersion(head?.revision ?? -1) };
};

const MALFORMED: ReadonlySet<string> = new Set(['malformed_event', 'malformed_stream', 'event_too_large']);

const refusalOf = ({ code, message }: EventStoreError): Refusal => {
  if (MALFORMED.has(code)) return invalidArgument(`${code}: ${message}`);
  return code === 'append_uncertain' ? timedOut() : unavailable();
};

/** Carries out one append with the idempotency of EventStoreDB. Streams of the system are nobody's to write. */
const serveAppend = async (store: EventStore, requests: readonly streams.AppendReq[]): Promise<Outcome> => {
  const append = parse(requests);
  if ('code' in append) return { refusal: append };
  try {
    return { answer: appended(await store.append(append.stream, append.expectedRevision, append.events)) };
  } catch (error) {
    const known = hasCode(error, 'event_id_conflict') || hasCode(error, 'wrong_expected_revision');
    if (known) return settleByIds(store, append);
    if (error instanceof EventStoreError) return { refusal: refusalOf(error) };
    throw error;
  }
};

/**
 * {@link serveAppend} with what a test has ordered to go wrong: no answer at all, or that the connections are to be
 * cut.
 */
export const serveFaultyAppend = async (
  store: EventStore,
  faults: Faults,
  requests: readonly streams.AppendReq[],
): Promise<Outcome | 'unanswered' | 'cut'> => {
  const fault = faults.take('append');
  if (fault === undefined) return serveAppend(store, requests);
  switch (fault.kind) {
    case 'hang_before':
      return 'unanswered';
    case 'cut_before':
      return 'cut';
    case 'refuse':
      return { refusal: unavailable() };
    case 'false_success':
      return { answer: appended({ revision: fault.revision, position: '1' }) };
    case 'hang':
    case 'cut':
    case 'lose_answer':
      await serveAppend(store, requests);
      return AFTERWARDS[fault.kind];
    default:
      return fault satisfies never;
  }
};

const AFTERWARDS = {
  hang: 'unanswered',
  cut: 'cut',
  lose_answer: { refusal: unavailable() },
} as const;

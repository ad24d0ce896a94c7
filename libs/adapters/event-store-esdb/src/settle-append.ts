import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalJson } from '@countersign/kernel';
import { firstRevision, settleConflict } from '@countersign/event-store';
import type { AppendResult, EventEnvelope, ExpectedRevision, RecordedEvent } from '@countersign/event-store';

export interface SentAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly EventEnvelope[];
  /** Canonical texts of the events. */
  readonly texts: readonly string[];
}

const resultOf = ({ revision, position, committedAt }: RecordedEvent): AppendResult => ({
  revision,
  position,
  committedAt,
});

const textOf = ({ id, type, schemaVersion, data, metadata }: RecordedEvent): string =>
  canonicalJson({ id, type, schemaVersion, data, metadata });

/** Where the stream ended when the answer was given; -1 for an absent one. */
const headOf = (answer: streams.AppendResp): number => {
  const refused = answer.getWrongExpectedVersion();
  if (refused?.hasCurrentRevision() === true) return Number(refused.getCurrentRevision());
  const success = answer.getSuccess();
  return success?.hasCurrentRevision() === true ? Number(success.getCurrentRevision()) : -1;
};

/**
 * Tells what became of an append by what stands at its place, whatever was answered. The server compares ids
 * alone and says "success" also to ids that it knows from before; only the same bytes at the same
 * place are a win. Answers undefined where the server took the append, but doesn't show it yet.
 */
export const settleAppend = (
  { stream, expectedRevision, events, texts }: SentAppend,
  answer: streams.AppendResp,
  standing: readonly RecordedEvent[],
): AppendResult | undefined => {
  const taken = answer.hasSuccess();
  const last = firstRevision(expectedRevision) + events.length - 1;
  if (taken && standing.length < events.length && headOf(answer) === last) return undefined;
  return settleConflict({
    stream,
    expectedRevision,
    incoming: events.map(({ id }, index) => ({ id, text: texts[index] ?? '' })),
    head: headOf(answer),
    stored: standing.map((event) => ({ text: textOf(event), result: resultOf(event) })),
  });
};

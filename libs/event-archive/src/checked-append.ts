import {
  validateAppend,
  type AppendVerifier,
  type EventEnvelope,
  type ExpectedRevision,
} from '@countersign/event-store';
import type { LogEvent } from './archive-lines.ts';

/** One append of a log, as every store takes it. */
export interface CheckedAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly LogEvent[];
  readonly envelopes: readonly EventEnvelope[];
  /** RFC 8785 texts of the envelopes. */
  readonly texts: readonly string[];
}

export const envelopeOf = ({ id, type, schemaVersion, data, metadata }: LogEvent): EventEnvelope => ({
  id,
  type,
  schemaVersion,
  data,
  metadata,
});

/**
 * A whole append, checked by what every adapter checks before it appends; its signature too where keys are given
 * (`signature_invalid`).
 */
export const checkAppend = (
  events: readonly LogEvent[],
  verifier: AppendVerifier | undefined,
): CheckedAppend => {
  const { stream = '', revision: first = 0 } = events[0] ?? {};
  const expectedRevision = first === 0 ? 'no-stream' : first - 1;
  const envelopes = events.map(envelopeOf);
  const texts = validateAppend(stream, expectedRevision, envelopes);
  verifier?.verify(stream, events, first);
  return { stream, expectedRevision, events, envelopes, texts };
};

import { canonicalJson, CodedError } from '@countersign/kernel';
import { sealedText } from './canonical-envelope.ts';
import { parseStreamName } from './categories.ts';
import { MAX_EVENT_BYTES, type EventEnvelope } from './envelope.ts';
import { envelopeFault } from './envelope-shape.ts';
import { EventStoreError } from './event-store-error.ts';
import type { ExpectedRevision } from './event-store.ts';

const STREAM = /^[A-Za-z0-9_-]{1,200}$/;

const malformed = (field: string, message: string, cause?: unknown): EventStoreError =>
  new EventStoreError('malformed_event', message, { field, cause });

/** Refuses a name outside the known categories with `malformed_stream`. */
export const validateStream = (stream: string): void => {
  try {
    parseStreamName(stream);
    if (STREAM.test(stream)) return;
  } catch (cause) {
    throw new EventStoreError('malformed_stream', `"${stream}" is no stream of Countersign.`, {
      field: 'stream',
      cause,
    });
  }
  throw new EventStoreError('malformed_stream', 'A stream name is 1–200 of A–Z a–z 0–9 _ and -.', {
    field: 'stream',
  });
};

/** Revision of the first event of an append. */
export const firstRevision = (expectedRevision: ExpectedRevision): number =>
  expectedRevision === 'no-stream' ? 0 : expectedRevision + 1;

const validateExpectedRevision = (expectedRevision: ExpectedRevision): void => {
  if (expectedRevision === 'no-stream') return;
  if (Number.isSafeInteger(expectedRevision) && expectedRevision >= 0) return;
  throw malformed('expectedRevision', 'Expect "no-stream" or the revision of the last event known.');
};

const canonicalText = (event: EventEnvelope, field: string): string => {
  try {
    return canonicalJson(event);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw malformed(field, 'The event has no canonical JSON form; pass plain, well-formed data.', cause);
  }
};

const validateEvent = (event: EventEnvelope, index: number): string => {
  const fault = envelopeFault(event);
  if (fault !== undefined) throw malformed(`events/${index}/${fault.field}`, fault.message);
  const text = sealedText(event) ?? canonicalText(event, `events/${index}`);
  // No UTF-16 unit takes more than three bytes: most events are settled without counting.
  if (text.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(text, 'utf8') > MAX_EVENT_BYTES) {
    throw new EventStoreError(
      'event_too_large',
      `An event takes at most ${MAX_EVENT_BYTES} canonical bytes.`,
      {
        field: `events/${index}`,
      },
    );
  }
  return text;
};

const validatePlaces = (events: readonly EventEnvelope[], first: number): void => {
  const ids = new Set(events.map((event) => event.id));
  if (ids.size !== events.length) throw malformed('events', 'Two events of one append carry the same id.');
  const head = events[0]?.metadata.signature;
  const stray = events.findIndex(({ metadata: { signature } }) => {
    const whole = signature.first === first && signature.count === events.length;
    return !whole || signature.value !== head?.value || signature.kid !== head.kid;
  });
  if (stray >= 0) {
    throw malformed(
      `events/${stray}/metadata/signature`,
      'The signature is for another append than this one.',
    );
  }
};

/**
 * What every adapter checks before it appends, so that no store holds what another would refuse:
 * `malformed_stream`, `malformed_event`, `event_too_large`. Answers the canonical (RFC 8785) text of each
 * event, which is what is stored.
 */
export const validateAppend = (
  stream: string,
  expectedRevision: ExpectedRevision,
  events: readonly EventEnvelope[],
): readonly string[] => {
  validateStream(stream);
  validateExpectedRevision(expectedRevision);
  if (events.length === 0) throw malformed('events', 'An append holds at least one event.');
  const texts = events.map(validateEvent);
  validatePlaces(events, firstRevision(expectedRevision));
  return texts;
};

import { canonicalJson, deepFreeze } from '@countersign/kernel';
import type { EventEnvelope, UnsignedEnvelope } from './envelope.ts';

/** Holds only for envelopes in which nothing can change any more. */
const texts = new WeakMap<EventEnvelope, string>();

/** The RFC 8785 text of an envelope that {@link sealEnvelope} made; undefined for any other. */
export const sealedText = (envelope: EventEnvelope): string | undefined => texts.get(envelope);

/** An envelope as it is signed: `text` is its RFC 8785 form, without the signature. */
export interface OpenEnvelope {
  readonly event: UnsignedEnvelope;
  readonly dataText: string;
  readonly text: string;
}

export const openEnvelope = (event: UnsignedEnvelope): OpenEnvelope => {
  const dataText = canonicalJson(event.data);
  return { event, dataText, text: envelopeText(event, dataText) };
};

/**
 * Puts the signature into an envelope and freezes it all through, the data that was handed in too: what is
 * signed doesn't change. Its canonical text is put together from that of the data, which is most of it.
 */
export const sealEnvelope = (
  { event, dataText }: OpenEnvelope,
  signature: EventEnvelope['metadata']['signature'],
): EventEnvelope => {
  const envelope = deepFreeze({ ...event, metadata: { ...event.metadata, signature } });
  texts.set(envelope, envelopeText(envelope, dataText));
  return envelope;
};

/** The members of an envelope in RFC 8785's order. */
const envelopeText = (
  { id, metadata, schemaVersion, type }: Omit<UnsignedEnvelope, 'data'>,
  dataText: string,
): string =>
  `{"data":${dataText},"id":${canonicalJson(id)},"metadata":${canonicalJson(metadata)},"schemaVersion":${canonicalJson(schemaVersion)},"type":${canonicalJson(type)}}`;

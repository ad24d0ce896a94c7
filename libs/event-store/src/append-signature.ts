import { canonicalJson, CodedError, sha256, type Signer } from '@countersign/kernel';
import type { EventEnvelope, UnsignedEnvelope, UnsignedMetadata } from './envelope.ts';

/** Separates these signatures from everything else that a service's key may ever sign. */
const DOMAIN = 'countersign/append/v1';

/** Names the stream and the first revision that can't be trusted. Nothing may follow from such a stream but an alarm. */
export class SignatureError extends CodedError<'signature_invalid'> {
  override readonly name = 'SignatureError';
  readonly stream: string;
  readonly revision: number;

  constructor(stream: string, revision: number, why: string) {
    super('signature_invalid', `${stream}@${revision}: ${why} Treat the store as tampered with.`, {
      field: stream,
    });
    this.stream = stream;
    this.revision = revision;
  }
}

/** The envelope as it is signed: without the signature, where it carries one. */
const withoutSignature = ({
  id,
  type,
  schemaVersion,
  data,
  metadata,
}: UnsignedEnvelope): UnsignedEnvelope => {
  const { signature: _signature, ...unsigned }: UnsignedMetadata & { readonly signature?: unknown } =
    metadata;
  return { id, type, schemaVersion, data, metadata: unsigned };
};

/**
 * What is signed, whole: `countersign/append/v1`, a line feed, and the RFC 8785 form of
 * `{stream, first, events}`, where `events` holds the base64url SHA-256 of each event's RFC 8785 bytes
 * without `metadata.signature`. So a signature holds for one append at one place of one stream alone.
 */
export const appendPreImage = (
  stream: string,
  first: number,
  events: readonly UnsignedEnvelope[],
): Buffer => {
  const digests = events.map((event) => sha256(canonicalJson(withoutSignature(event))));
  return Buffer.from(`${DOMAIN}\n${canonicalJson({ stream, first, events: digests })}`, 'utf8');
};

/** Signs one append; `first` is the revision that its first event will have. */
export const signAppend = (
  stream: string,
  first: number,
  events: readonly UnsignedEnvelope[],
  signer: Signer,
): EventEnvelope[] => {
  const value = Buffer.from(signer.sign(appendPreImage(stream, first, events))).toString('base64url');
  const signature = { kid: signer.kid, first, count: events.length, value };
  return events.map((event) => ({ ...event, metadata: { ...event.metadata, signature } }));
};

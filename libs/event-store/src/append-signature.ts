import { canonicalJson, CodedError, sha256, type Signer } from '@countersign/kernel';
import { openEnvelope, sealEnvelope } from './canonical-envelope.ts';
import type { AppendSignature, EventEnvelope, UnsignedEnvelope, UnsignedMetadata } from './envelope.ts';

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
export const appendPreImage = (stream: string, first: number, events: readonly UnsignedEnvelope[]): Buffer =>
  preImageOf(
    stream,
    first,
    events.map((event) => canonicalJson(withoutSignature(event))),
  );

const preImageOf = (stream: string, first: number, texts: readonly string[]): Buffer => {
  const digests = texts.map((text) => sha256(text));
  return Buffer.from(`${DOMAIN}\n${canonicalJson({ stream, first, events: digests })}`, 'utf8');
};

export interface SignedAppend {
  readonly events: readonly EventEnvelope[];
  /** What was signed; see {@link appendPreImage}. */
  readonly preImage: Buffer;
}

/**
 * Signs one append; `first` is the revision that its first event will have. The events, and all that was
 * handed in with them, are frozen: what is signed doesn't change.
 */
export const signedAppend = (
  stream: string,
  first: number,
  events: readonly UnsignedEnvelope[],
  signer: Signer,
): SignedAppend => {
  const open = events.map(openEnvelope);
  const preImage = preImageOf(
    stream,
    first,
    open.map(({ text }) => text),
  );
  const signature = signatureOver(preImage, first, events.length, signer);
  return { events: open.map((envelope) => sealEnvelope(envelope, signature)), preImage };
};

/** The events of {@link signedAppend}, made of what was handed in without freezing it. */
export const signAppend = (
  stream: string,
  first: number,
  events: readonly UnsignedEnvelope[],
  signer: Signer,
): EventEnvelope[] => {
  const signature = signatureOver(appendPreImage(stream, first, events), first, events.length, signer);
  return events.map((event) => ({ ...event, metadata: { ...event.metadata, signature } }));
};

const signatureOver = (preImage: Buffer, first: number, count: number, signer: Signer): AppendSignature => {
  const value = Buffer.from(signer.sign(preImage)).toString('base64url');
  return { kid: signer.kid, first, count, value };
};

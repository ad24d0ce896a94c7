import { isDeepFrozen, sha256, type KeyRing, type ServiceName } from '@countersign/kernel';
import { appendPreImage, SignatureError } from './append-signature.ts';
import { parseStreamName, WRITER_OF } from './categories.ts';
import type { AppendSignature, EventEnvelope, EventMetadata } from './envelope.ts';

/** What verification needs of a recorded event. */
export interface SignedEvent extends EventEnvelope {
  readonly stream: string;
  readonly revision: number;
}

const sameSignature = (a: AppendSignature, b: AppendSignature): boolean =>
  a.kid === b.kid && a.first === b.first && a.count === b.count && a.value === b.value;

/** The whole signed append that starts at `events[start]`. */
const wholeAppend = (
  stream: string,
  events: readonly SignedEvent[],
  start: number,
): readonly SignedEvent[] => {
  const head = events[start];
  if (head === undefined) return [];
  const { signature } = head.metadata;
  const append = events.slice(start, start + signature.count);
  if (signature.first !== head.revision || !(signature.count >= 1) || append.length !== signature.count) {
    throw new SignatureError(stream, head.revision, 'The event stands outside the append it was signed in.');
  }
  const torn = append.find((event) => !sameSignature(event.metadata.signature, signature));
  if (torn !== undefined) {
    throw new SignatureError(stream, torn.revision, 'The signed append is torn.');
  }
  return append;
};

/** `from`: the revision that must come first; 0 unless a part of the stream was read on purpose. */
const requireContiguous = (stream: string, events: readonly SignedEvent[], from: number): void => {
  events.forEach((event, index) => {
    if (event.stream !== stream || event.revision !== from + index) {
      throw new SignatureError(stream, from + index, 'The event of this revision is missing or foreign.');
    }
  });
};

const requireWriter = (stream: string, append: readonly SignedEvent[], writer: ServiceName): void => {
  const foreign = append.find((event) => event.metadata.service !== writer);
  if (foreign !== undefined) {
    throw new SignatureError(stream, foreign.revision, `Only ${writer} writes here.`);
  }
};

/**
 * Verifies that a stream is what its one writer signed: every event present, in its place, in a whole
 * append, under a key of the category's writer. What can't be seen is a missing tail: authority rests on
 * events that are there.
 *
 * Appends that verified are remembered (least recently used go first), so that loading a stream again
 * costs hashing, not signatures. Where it is loaded from memory it costs neither: an event that verified,
 * and in which nothing can change, is known again by its parts.
 */
export class AppendVerifier {
  readonly #keyRing: KeyRing;
  readonly #capacity: number;
  readonly #verified = new Set<string>();
  readonly #sound = new WeakMap<EventMetadata, SignedEvent>();

  constructor(keyRing: KeyRing, capacity = 10_000) {
    this.#keyRing = keyRing;
    this.#capacity = capacity;
  }

  /** Throws {@link SignatureError} for the first append that doesn't hold; an empty stream holds. */
  verify(stream: string, events: readonly SignedEvent[], from = 0): void {
    const writer = WRITER_OF[parseStreamName(stream).category];
    requireContiguous(stream, events, from);
    for (let start = 0; start < events.length;) {
      const append = wholeAppend(stream, events, start);
      requireWriter(stream, append, writer);
      this.#requireSignature(stream, append, writer);
      start += append.length;
    }
  }

  /**
   * Takes an append that this process has just signed as verified: only its own {@link EventWriter} may say
   * so. `preImage` is what was signed.
   */
  rememberSigned(append: readonly SignedEvent[], preImage: Buffer): void {
    const [head] = append;
    if (head === undefined) return;
    this.#remember(memoryKey(head, preImage));
    this.#rememberSound(append);
  }

  #requireSignature(stream: string, append: readonly SignedEvent[], writer: ServiceName): void {
    const [head] = append;
    if (head === undefined || append.every((event) => this.#isSound(event))) return;
    const { kid, first, value } = head.metadata.signature;
    const preImage = appendPreImage(stream, first, append);
    const key = memoryKey(head, preImage);
    const known = this.#verified.delete(key);
    if (!known && !this.#keyRing.verify(writer, kid, preImage, Buffer.from(value, 'base64url'))) {
      throw new SignatureError(stream, first, `No key of ${writer} made this signature.`);
    }
    this.#remember(key);
    this.#rememberSound(append);
  }

  #isSound(event: SignedEvent): boolean {
    const known = this.#sound.get(event.metadata);
    return known !== undefined && hasSameParts(known, event);
  }

  /** Only what can't be changed afterwards. */
  #rememberSound(append: readonly SignedEvent[]): void {
    for (const event of append) {
      if (isDeepFrozen(event.metadata) && isDeepFrozen(event.data)) {
        this.#sound.set(event.metadata, Object.freeze({ ...event }));
      }
    }
  }

  #remember(key: string): void {
    this.#verified.add(key);
    if (this.#verified.size <= this.#capacity) return;
    const [oldest] = this.#verified;
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

/** What an append is remembered by: its writer, its signature, and every byte that was signed. */
const memoryKey = ({ metadata: { service, signature } }: SignedEvent, preImage: Buffer): string =>
  `${service}/${signature.kid}/${signature.value}/${sha256(preImage)}`;

/** The very objects, at the same place: with parts that can't change, the same bytes. */
const hasSameParts = (a: SignedEvent, b: SignedEvent): boolean =>
  a.metadata === b.metadata &&
  a.data === b.data &&
  a.id === b.id &&
  a.type === b.type &&
  a.schemaVersion === b.schemaVersion &&
  a.stream === b.stream &&
  a.revision === b.revision;

/** One verification without a memory; see {@link AppendVerifier}. */
export const verifyAppends = (stream: string, events: readonly SignedEvent[], keyRing: KeyRing): void =>
  new AppendVerifier(keyRing, 0).verify(stream, events);

import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyRing, ServiceName, Signer } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { appendPreImage, signedAppend } from './append-signature.ts';
import { AppendVerifier, verifyAppends, type SignedEvent } from './append-verifier.ts';
import { sampleEvent } from './contract/sample-events.ts';
import type { UnsignedEnvelope } from './envelope.ts';

const STREAM = 'review-1';

const pairs = {
  intake: generateKeyPairSync('ed25519'),
  policy: generateKeyPairSync('ed25519'),
};
type Writer = keyof typeof pairs;

const signerOf = (service: Writer): Signer => ({
  kid: `${service}-key`,
  sign: (bytes) => sign(null, bytes, pairs[service].privateKey),
});

const countingRing = (): KeyRing & { verifications: number } => ({
  verifications: 0,
  verify(service: ServiceName, kid: string, bytes: Uint8Array, signature: Uint8Array): boolean {
    this.verifications += 1;
    const pair = kid === `${service}-key` ? pairs[service as Writer] : undefined;
    return pair !== undefined && verify(null, bytes, pair.publicKey, signature);
  },
});

const by = (service: ServiceName, data: object = {}): UnsignedEnvelope => {
  const event = sampleEvent({ ...data });
  return { ...event, metadata: { ...event.metadata, service } };
};

/** What a store gives back after these appends, each signed by the same service. */
const recorded = (
  appends: readonly (readonly UnsignedEnvelope[])[],
  service: Writer = 'policy',
  stream = STREAM,
) => {
  const events: SignedEvent[] = [];
  for (const append of appends) {
    for (const event of signedAppend(stream, events.length, append, signerOf(service)).events) {
      events.push({ ...event, stream, revision: events.length });
    }
  }
  return events;
};

const genuine = (): SignedEvent[] =>
  recorded([
    [by('policy', { n: 0 }), by('policy', { n: 1 })],
    [by('policy', { n: 2 })],
    [by('policy'), by('policy')],
  ]);

const replaced = (
  events: readonly SignedEvent[],
  index: number,
  change: (event: SignedEvent) => SignedEvent,
) => events.map((event, at) => (at === index ? change(event) : event));

describe('the signed bytes', () => {
  it('are separated by domain, and name stream, revision and each event by its digest', () => {
    const events = [sampleEvent({ b: 1, a: 2 }, '00000000-0000-4000-8000-000000000000')];
    expect(appendPreImage('request-1', 3, events).toString()).toBe(
      'countersign/append/v1\n{"events":["Km_xDrd5T5RhIUoAQQjCba7HSevFoEgT_QD69E5F_yI"],"first":3,"stream":"request-1"}',
    );
  });

  it('leave the signature out, so that what is signed again is signed alike', () => {
    const [event] = genuine();
    const { signature: _signature, ...metadata } = event!.metadata;
    expect(appendPreImage(STREAM, 0, [event!])).toEqual(appendPreImage(STREAM, 0, [{ ...event!, metadata }]));
  });
});

describe('a verified stream', () => {
  it('is what its writer signed, append by append', () => {
    expect(() => verifyAppends(STREAM, genuine(), countingRing())).not.toThrow();
    expect(() => verifyAppends(STREAM, [], countingRing())).not.toThrow();
  });

  const forgeries: readonly (readonly [string, number, (events: SignedEvent[]) => SignedEvent[]])[] = [
    [
      'an event that was changed',
      0,
      (events) => replaced(events, 1, (event) => ({ ...event, data: { n: 9 } })),
    ],
    [
      'an event that was added without a signature of its own',
      5,
      (events) => [...events, { ...events[2]!, revision: 5 }],
    ],
    ['an append without its last event', 3, (events) => events.slice(0, 4)],
    ['a stream without its first append', 0, (events) => events.slice(2)],
    ['a missing event in the middle', 2, (events) => events.toSpliced(2, 1)],
    ['two events that changed places', 0, ([a, b, ...rest]) => [b!, a!, ...rest]],
    [
      'an event of another stream',
      2,
      (events) => replaced(events, 2, (event) => ({ ...event, stream: 'review-2' })),
    ],
    [
      'signatures that differ within an append',
      1,
      (events) =>
        replaced(events, 1, (event) => ({
          ...event,
          metadata: { ...event.metadata, signature: events[2]!.metadata.signature },
        })),
    ],
    [
      'an unknown key',
      2,
      (events) =>
        replaced(events, 2, (event) => ({
          ...event,
          metadata: { ...event.metadata, signature: { ...event.metadata.signature, kid: 'mine' } },
        })),
    ],
    [
      'a size of zero',
      2,
      (events) =>
        replaced(events, 2, (event) => ({
          ...event,
          metadata: { ...event.metadata, signature: { ...event.metadata.signature, count: 0 } },
        })),
    ],
    ['a signature by a service that does not write there', 0, () => recorded([[by('intake')]], 'intake')],
    ['a service that signs in the name of the writer', 0, () => recorded([[by('policy')]], 'intake')],
    [
      'the name of another service over the writer’s signature',
      0,
      () => recorded([[by('intake')]], 'policy'),
    ],
  ];
  it.each(forgeries)('refuses %s and names the revision', (_, revision, forge) => {
    expect(() => verifyAppends(STREAM, forge(genuine()), countingRing())).toThrow(
      expect.objectContaining({ code: 'signature_invalid', stream: STREAM, revision }),
    );
  });

  it('refuses an append that was moved to another stream', () => {
    const moved = genuine().map((event) => ({ ...event, stream: 'review-2' }));
    expect(() => verifyAppends('review-2', moved, countingRing())).toThrow(
      expect.objectContaining({ code: 'signature_invalid', stream: 'review-2', revision: 0 }),
    );
  });

  it('may begin later where a part was read on purpose', () => {
    const verifier = new AppendVerifier(countingRing());
    expect(() => verifier.verify(STREAM, genuine().slice(2), 2)).not.toThrow();
    expect(() => verifier.verify(STREAM, genuine().slice(1), 1)).toThrow(
      expect.objectContaining({ code: 'signature_invalid', revision: 1 }),
    );
  });
});

describe('a verifier that remembers', () => {
  it('checks each signature once, however often the stream is loaded', () => {
    const ring = countingRing();
    const verifier = new AppendVerifier(ring);
    const events = genuine();
    for (let loads = 0; loads < 3; loads += 1) verifier.verify(STREAM, events);
    expect(ring.verifications).toBe(3);
  });

  it('never takes a changed event for one that it remembers', () => {
    const verifier = new AppendVerifier(countingRing());
    const events = genuine();
    verifier.verify(STREAM, events);
    const changed = replaced(events, 2, (event) => ({ ...event, data: { n: 9 } }));
    expect(() => verifier.verify(STREAM, changed)).toThrow(expect.objectContaining({ revision: 2 }));
  });

  it('takes what this process signed as verified, and nothing else that stands in its place', () => {
    const ring = countingRing();
    const verifier = new AppendVerifier(ring);
    const events = genuine();
    verifier.rememberSigned(events.slice(0, 2), appendPreImage(STREAM, 0, events.slice(0, 2)));
    verifier.verify(STREAM, events.slice(0, 2));
    verifier.verify(STREAM, structuredClone(events.slice(0, 2)));
    expect(ring.verifications).toBe(0);
    const changed = replaced(events, 1, (event) => ({ ...event, data: { n: 9 } }));
    expect(() => verifier.verify(STREAM, changed)).toThrow(expect.objectContaining({ revision: 0 }));
  });

  it('knows an event that cannot change by its parts, in any object that is made of them', () => {
    const ring = countingRing();
    const verifier = new AppendVerifier(ring, 0);
    const events = genuine();
    verifier.verify(STREAM, events);
    verifier.verify(
      STREAM,
      events.map((event) => ({ ...event })),
    );
    expect(ring.verifications).toBe(3);
  });

  it.each<[string, (event: SignedEvent) => SignedEvent]>([
    ['data', (event) => ({ ...event, data: { n: 9 } })],
    ['id', (event) => ({ ...event, id: '00000000-0000-4000-8000-000000000000' })],
    ['type', (event) => ({ ...event, type: 'ReviewApproved' })],
    ['schema version', (event) => ({ ...event, schemaVersion: 2 })],
    [
      'time',
      (event) => ({ ...event, metadata: { ...event.metadata, occurredAt: '2027-01-01T00:00:00.000Z' } }),
    ],
  ])('takes no event for one that it knows where the %s is another', (_, change) => {
    const verifier = new AppendVerifier(countingRing());
    const events = genuine();
    verifier.verify(STREAM, events);
    const changed = replaced(events, 2, change);
    expect(() => verifier.verify(STREAM, changed)).toThrow(expect.objectContaining({ revision: 2 }));
  });

  it('takes no known event at another place', () => {
    const verifier = new AppendVerifier(countingRing());
    const [event] = recorded([[by('policy')]]);
    verifier.verify(STREAM, [event!]);
    expect(() => verifier.verify('review-2', [{ ...event!, stream: 'review-2' }])).toThrow(
      expect.objectContaining({ code: 'signature_invalid' }),
    );
  });

  it.each<[string, (event: SignedEvent) => object]>([
    ['data', ({ data }) => data],
    ['metadata', ({ metadata }) => metadata.actor],
  ])('derives the bytes each time from an event whose %s could change, and sees that it did', (_, part) => {
    const verifier = new AppendVerifier(countingRing());
    const [event] = structuredClone(recorded([[by('policy')]]));
    verifier.verify(STREAM, [event!]);
    Object.assign(part(event!), { forged: true });
    expect(() => verifier.verify(STREAM, [event!])).toThrow(expect.objectContaining({ revision: 0 }));
  });

  it('does not remember what it refused', () => {
    const ring = countingRing();
    const verifier = new AppendVerifier(ring);
    const forged = recorded([[by('policy')]], 'intake');
    for (let loads = 0; loads < 2; loads += 1) expect(() => verifier.verify(STREAM, forged)).toThrow();
    expect(ring.verifications).toBe(2);
  });

  it('forgets the least recently used beyond its capacity', () => {
    const ring = countingRing();
    const verifier = new AppendVerifier(ring, 2);
    const [a, b, c] = ['review-a', 'review-b', 'review-c'].map((stream) =>
      recorded([[by('policy')]], 'policy', stream),
    );
    const load = (events: SignedEvent[]): void => verifier.verify(events[0]!.stream, structuredClone(events));
    for (const events of [a!, b!, a!, c!]) load(events);
    load(a!);
    expect(ring.verifications).toBe(3);
    load(b!);
    expect(ring.verifications).toBe(4);
  });
});

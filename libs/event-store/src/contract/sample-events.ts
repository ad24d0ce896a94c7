import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { JsonObject, Signer } from '@countersign/kernel';
import { signAppend } from '../append-signature.ts';
import type { EventEnvelope, UnsignedEnvelope } from '../envelope.ts';
import type { ExpectedRevision } from '../event-store.ts';
import { firstRevision } from '../validate-append.ts';

const { privateKey } = generateKeyPairSync('ed25519');

const signer: Signer = { kid: 'contract-suite', sign: (bytes) => sign(null, bytes, privateKey) };

/** An unsigned event as a service would write it. */
export const sampleEvent = (data: JsonObject = {}, id: string = randomUUID()): UnsignedEnvelope => ({
  id,
  type: 'ActionRequested',
  schemaVersion: 1,
  data,
  metadata: {
    occurredAt: '2026-11-20T10:24:45.000Z',
    correlationId: 'contract-suite',
    actor: { type: 'Service', id: 'countersign/intake', via: { channel: 'service' } },
    service: 'intake',
  },
});

/** One signed append for exactly this place. */
export const sampleAppend = (
  stream: string,
  expectedRevision: ExpectedRevision,
  events: readonly UnsignedEnvelope[],
): readonly EventEnvelope[] => signAppend(stream, firstRevision(expectedRevision), events, signer);

/** An append of `count` sample events. */
export const someEvents = (
  stream: string,
  expectedRevision: ExpectedRevision,
  count = 1,
): readonly EventEnvelope[] =>
  sampleAppend(
    stream,
    expectedRevision,
    Array.from({ length: count }, (_, index) => sampleEvent({ index })),
  );

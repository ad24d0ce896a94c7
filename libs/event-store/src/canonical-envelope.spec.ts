import { canonicalJson, isDeepFrozen, type JsonObject, type Signer } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendPreImage, signedAppend } from './append-signature.ts';
import { sealedText } from './canonical-envelope.ts';
import { sampleEvent } from './contract/sample-events.ts';
import type { UnsignedEnvelope } from './envelope.ts';

const signer: Signer = { kid: 'k-ü', sign: () => new Uint8Array(64) };

const data = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()) as fc.Arbitrary<JsonObject>;

const traced = (event: UnsignedEnvelope): UnsignedEnvelope => ({
  ...event,
  metadata: { ...event.metadata, causationId: 'e-1', traceparent: '00-a-b-01' },
});

describe('a signed envelope', () => {
  it('has the canonical text of the whole, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(data, { minLength: 1, maxLength: 3 }), fc.nat(), (contents, first) => {
        const events = contents.map((content) => traced(sampleEvent(content)));
        for (const event of signedAppend('request-1', first, events, signer).events) {
          expect(sealedText(event)).toBe(canonicalJson(event));
        }
      }),
    );
  });

  it('was signed over the bytes that a verifier derives from it', () => {
    fc.assert(
      fc.property(data, (content) => {
        const { events, preImage } = signedAppend('request-1', 2, [traced(sampleEvent(content))], signer);
        expect(preImage).toEqual(appendPreImage('request-1', 2, events));
      }),
    );
  });

  it('changes no more, and another object made of it has no known text', () => {
    const [event] = signedAppend('request-1', 0, [sampleEvent({ rows: [1] })], signer).events;
    expect(isDeepFrozen(event)).toBe(true);
    expect(sealedText({ ...event!, data: { rows: [2] } })).toBeUndefined();
  });
});

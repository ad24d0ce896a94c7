import { expect, it } from 'vitest';
import { canonicalJson, type JsonObject } from '@countersign/kernel';
import { MAX_EVENT_BYTES, type EventEnvelope } from '../envelope.ts';
import type { TheStore } from './the-store.ts';
import { sampleAppend, sampleEvent } from './sample-events.ts';

const STREAM = 'request-1';

const signed = (data: JsonObject): readonly EventEnvelope[] =>
  sampleAppend(STREAM, 'no-stream', [sampleEvent(data, '00000000-0000-4000-8000-000000000000')]);

/** A signed event of exactly this many canonical bytes. */
const ofBytes = (bytes: number, letter: string): readonly EventEnvelope[] => {
  const empty = Buffer.byteLength(canonicalJson(signed({ pad: '' })[0]));
  const width = Buffer.byteLength(letter);
  const rest = (bytes - empty) % width;
  return signed({ pad: letter.repeat((bytes - empty - rest) / width) + 'x'.repeat(rest) });
};

type Breakage = (event: EventEnvelope) => object;

const MALFORMED: readonly (readonly [string, Breakage])[] = [
  ['an id that is no UUID', (event) => ({ ...event, id: 'one' })],
  ['a type that is no name', (event) => ({ ...event, type: 'action requested' })],
  ['a schema version of zero', (event) => ({ ...event, schemaVersion: 0 })],
  ['an unknown member', (event) => ({ ...event, extra: true })],
  ['data that is no object', (event) => ({ ...event, data: ['a'] })],
  ['a number that is not finite', (event) => ({ ...event, data: { n: Number.NaN } })],
  ['an undefined member', (event) => ({ ...event, data: { gone: undefined } })],
  ['a Date', (event) => ({ ...event, data: { at: new Date(0) } })],
  ['a lone surrogate', (event) => ({ ...event, data: { text: 'a\ud800b' } })],
  ['a lone surrogate in a name', (event) => ({ ...event, data: { '\udc00': 1 } })],
  ['a member called __proto__', (event) => ({ ...event, data: JSON.parse('{"__proto__":{}}') as object })],
  ['no metadata', (event) => withoutMetadata(event)],
  ['a time without milliseconds', (event) => withMetadata(event, { occurredAt: '2026-11-20T10:24:45Z' })],
  ['an unknown service', (event) => withMetadata(event, { service: 'billing' })],
  ['an actor without a channel', (event) => withMetadata(event, { actor: { type: 'User', id: 'alice' } })],
  ['no signature', (event) => withMetadata(event, { signature: undefined })],
  [
    'a signature for another place',
    (event) => withMetadata(event, { signature: { ...event.metadata.signature, first: 3 } }),
  ],
  [
    'a signature for another size',
    (event) => withMetadata(event, { signature: { ...event.metadata.signature, count: 3 } }),
  ],
];

const withoutMetadata = ({ id, type, schemaVersion, data }: EventEnvelope): object => ({
  id,
  type,
  schemaVersion,
  data,
});

const withMetadata = (event: EventEnvelope, members: object): object => ({
  ...event,
  metadata: { ...event.metadata, ...members },
});

export const refusalRules = (theStore: TheStore): void => {
  it.each(MALFORMED)('refuses %s, and appends nothing of that append', async (_, breakage) => {
    const store = theStore();
    const [whole, other] = sampleAppend(STREAM, 'no-stream', [sampleEvent(), sampleEvent()]) as [
      EventEnvelope,
      EventEnvelope,
    ];
    const broken = breakage(other) as EventEnvelope;
    await expect(store.append(STREAM, 'no-stream', [whole, broken])).rejects.toMatchObject({
      code: 'malformed_event',
    });
    expect(await store.readStream(STREAM)).toEqual([]);
  });

  it('refuses an append without events', async () => {
    await expect(theStore().append(STREAM, 'no-stream', [])).rejects.toMatchObject({
      code: 'malformed_event',
    });
  });

  it('refuses two events with one id in an append', async () => {
    const event = sampleEvent();
    const twice = sampleAppend(STREAM, 'no-stream', [event, event]);
    await expect(theStore().append(STREAM, 'no-stream', twice)).rejects.toMatchObject({
      code: 'malformed_event',
    });
  });

  it.each([-1, 0.5, Number.NaN])('refuses %s as an expected revision', async (expected) => {
    await expect(theStore().append(STREAM, expected, signed({}))).rejects.toMatchObject({
      code: 'malformed_event',
    });
  });

  it.each([
    'request',
    'request-',
    '-1',
    'invoice-1',
    'request-a b',
    'request-ü',
    `request-${'x'.repeat(200)}`,
  ])('refuses the stream name %j', async (stream) => {
    const events = sampleAppend(stream, 'no-stream', [sampleEvent()]);
    await expect(theStore().append(stream, 'no-stream', events)).rejects.toMatchObject({
      code: 'malformed_stream',
    });
  });

  it.each(['x', 'ü', '€', '💶'])(
    'takes an event of 65,535 canonical bytes in %j and refuses one more',
    async (letter) => {
      const store = theStore();
      await expect(
        store.append(STREAM, 'no-stream', ofBytes(MAX_EVENT_BYTES + 1, letter)),
      ).rejects.toMatchObject({
        code: 'event_too_large',
      });
      expect(await store.readStream(STREAM)).toEqual([]);
      await store.append(STREAM, 'no-stream', ofBytes(MAX_EVENT_BYTES, letter));
      expect(await store.readStream(STREAM)).toHaveLength(1);
    },
  );
};

import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { hasCode, type Clock } from '@countersign/kernel';
import { describe, expect, it, vi } from 'vitest';
import { verifyAppends } from './append-verifier.ts';
import type { EventEnvelope } from './envelope.ts';
import { EventStoreError, type EventStoreErrorCode } from './event-store-error.ts';
import type { AppendResult, EventStore, ExpectedRevision, RecordedEvent } from './event-store.ts';
import { EventWriter, type AppendContext, type EventWriterOptions } from './event-writer.ts';

const RESULT: AppendResult = { revision: 1, position: '42', committedAt: '2026-11-20T10:00:01.000Z' };

const { privateKey, publicKey } = generateKeyPairSync('ed25519');

interface Call {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EventEnvelope[];
}

/** A store that answers as scripted, and keeps what it was asked. */
const scripted = (...answers: (AppendResult | EventStoreErrorCode)[]) => {
  const calls: Call[] = [];
  const append: EventStore['append'] = (stream, expected, events) => {
    calls.push({ stream, expected, events });
    const answer = answers.shift() ?? RESULT;
    return typeof answer === 'string'
      ? Promise.reject(new EventStoreError(answer, 'As scripted.'))
      : Promise.resolve(answer);
  };
  return { calls, append };
};

const fakeClock = (): Clock & { observed: unknown[] } => {
  const observed: unknown[] = [];
  return {
    observed,
    nowMs: () => Date.parse('2026-11-20T10:00:00.000Z'),
    observe: (...told) => void observed.push(told),
    skewMs: () => 0,
  };
};

const writerOver = (append: EventStore['append'], options: Partial<EventWriterOptions> = {}): EventWriter =>
  new EventWriter({
    service: 'intake',
    store: { append } as EventStore,
    signer: { kid: 'k', sign: (bytes) => sign(null, bytes, privateKey) },
    clock: fakeClock(),
    ...options,
  });

const context: AppendContext = {
  actor: { type: 'Agent', id: 'etl-bot', via: { channel: 'api' } },
  correlationId: 'r-1',
};
const events = [
  { type: 'ActionRequested', data: { n: 1 } },
  { type: 'ActionRequested', data: { n: 2 } },
];

describe('an event writer', () => {
  it('signs what it appends, at the place where it appends it', async () => {
    const { append, calls } = scripted();
    const { events: recorded, ...result } = await writerOver(append).append(
      'request-1',
      'no-stream',
      events,
      context,
    );
    expect(result).toEqual(RESULT);
    const ring = {
      verify: (_service: string, _kid: string, bytes: Uint8Array, signature: Uint8Array) =>
        verify(null, bytes, publicKey, signature),
    };
    expect(() => verifyAppends('request-1', recorded, ring)).not.toThrow();
    expect(recorded.map(({ revision }) => revision)).toEqual([0, 1]);
    expect(calls[0]?.events[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      type: 'ActionRequested',
      schemaVersion: 1,
      data: { n: 1 },
      metadata: {
        occurredAt: '2026-11-20T10:00:00.000Z',
        correlationId: 'r-1',
        actor: context.actor,
        service: 'intake',
        signature: { kid: 'k', first: 0, count: 2, value: expect.any(String) as string },
      },
    });
  });

  it('writes cause, trace and schema version where there are any', async () => {
    const { append, calls } = scripted();
    const writer = writerOver(append, { upcasts: { ActionRequested: [(data) => data] } });
    await writer.append('request-1', 4, events, { ...context, causationId: 'e-1', traceparent: '00-a-b-01' });
    expect(calls[0]?.events[1]).toMatchObject({
      schemaVersion: 2,
      metadata: { causationId: 'e-1', traceparent: '00-a-b-01', signature: { first: 5 } },
    });
  });

  it.each(['review-1', 'grant-1', 'policyset-active'])(
    'refuses to append to %s, which another service writes',
    async (stream) => {
      const { append, calls } = scripted();
      await expect(writerOver(append).append(stream, 'no-stream', events, context)).rejects.toMatchObject({
        code: 'not_the_writer',
      });
      expect(calls).toEqual([]);
    },
  );

  it('sends the same bytes again after a lost answer, never a new id', async () => {
    const { append, calls } = scripted('append_uncertain', 'append_uncertain');
    await writerOver(append).append('request-1', 'no-stream', events, context);
    expect(calls).toHaveLength(3);
    expect(calls[1]).toEqual(calls[0]);
    expect(calls[2]).toEqual(calls[0]);
  });

  it('makes new ids for each attempt of its caller', async () => {
    const { append, calls } = scripted('wrong_expected_revision');
    const writer = writerOver(append);
    await writer.append('request-1', 'no-stream', events, context).catch(() => undefined);
    await writer.append('request-1', 0, events, context);
    const ids = calls.flatMap((call) => call.events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(4);
  });

  it.each<[string, EventStoreErrorCode[], EventStoreErrorCode]>([
    [
      'stays uncertain where no answer comes',
      ['append_uncertain', 'append_uncertain', 'append_uncertain'],
      'append_uncertain',
    ],
    [
      'stays uncertain where the store goes away after a lost answer',
      ['append_uncertain', 'store_unavailable', 'store_unavailable'],
      'append_uncertain',
    ],
    [
      'knows that it lost the race where the retry says so',
      ['append_uncertain', 'wrong_expected_revision'],
      'wrong_expected_revision',
    ],
    ['passes on that nothing was appended', ['store_full'], 'store_full'],
    ['does not retry a conflict by itself', ['wrong_expected_revision'], 'wrong_expected_revision'],
  ])('%s', async (_, answers, code) => {
    const { append, calls } = scripted(...answers);
    await expect(writerOver(append).append('request-1', 'no-stream', events, context)).rejects.toMatchObject({
      code,
    });
    expect(calls).toHaveLength(answers.length);
  });

  it('moves its clock to the committed time', async () => {
    const clock = fakeClock();
    await writerOver(scripted().append, { clock }).append('request-1', 'no-stream', events, context);
    expect(clock.observed).toEqual([[RESULT.committedAt, clock.nowMs()]]);
  });

  it("doesn't tell its clock when it asked where the caller's ids may have been committed before", async () => {
    const clock = fakeClock();
    const ids = events.map((_, index) => `id-${index}`);
    const writer = writerOver(scripted().append, { clock });
    await writer.append('request-1', 'no-stream', events, { ...context, ids });
    expect(clock.observed).toEqual([[RESULT.committedAt, undefined]]);
  });

  it('rings the doorbell with what was appended, and never for what was not', async () => {
    const onAppended = vi.fn<(events: readonly RecordedEvent[]) => void>();
    const writer = writerOver(scripted('store_full').append, { onAppended });
    await writer.append('request-1', 'no-stream', events, context).catch(() => undefined);
    expect(onAppended).not.toHaveBeenCalled();
    const { events: recorded } = await writer.append('request-1', 'no-stream', events, context);
    expect(onAppended).toHaveBeenCalledExactlyOnceWith(recorded);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('No bus.');
      },
    ],
    ['rejects', () => Promise.reject(new Error('No bus.'))],
  ])('has appended although the doorbell %s', async (_, onAppended) => {
    const onHookError = vi.fn<(error: unknown) => void>();
    const writer = writerOver(scripted().append, { onAppended, onHookError });
    await expect(writer.append('request-1', 'no-stream', events, context)).resolves.toMatchObject(RESULT);
    await vi.waitFor(() => expect(onHookError).toHaveBeenCalledOnce(), { timeout: 10_000 });
  });

  it('does not wait for the doorbell', async () => {
    const writer = writerOver(scripted().append, { onAppended: () => new Promise<void>(() => undefined) });
    await expect(writer.append('request-1', 'no-stream', events, context)).resolves.toMatchObject(RESULT);
  });

  it('tells a code that callers can compare', async () => {
    const error: unknown = await writerOver(scripted('store_full').append)
      .append('request-1', 'no-stream', events, context)
      .catch((reason: unknown) => reason);
    expect(hasCode(error, 'store_full')).toBe(true);
  });
});

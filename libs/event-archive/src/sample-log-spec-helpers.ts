import { randomUUID } from 'node:crypto';
import {
  signAppend,
  WRITER_OF,
  type Category,
  type EventStore,
  type UnsignedEnvelope,
} from '@countersign/event-store';
import type { JsonObject } from '@countersign/kernel';
import { testKeys } from '@countersign/testing';

export const KEYS = testKeys();
/** Appends handed over in one turn, as many as the store can commit together. */
const TURN = 500;
const CATEGORIES = (Object.keys(WRITER_OF) as readonly Category[]).filter((each) => each !== 'system');

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What a JSON library could write anew: keys that look like integers, numbers, text beyond ASCII. */
const dataOf = (random: () => number): JsonObject => ({
  '10': random() * 1e21,
  '9': [1e-7, -0, Math.floor(random() * 2 ** 53)],
  name: 'žluťoučký\u2028kůň 🐎 "\\\u0000',
  pad: 'x'.repeat(random() < 0.002 ? 60_000 : Math.floor(random() * 600)),
  '': null,
});

const envelope = (category: Category, type: string, data: JsonObject): UnsignedEnvelope => ({
  id: randomUUID(),
  type,
  schemaVersion: 1,
  data,
  metadata: {
    occurredAt: '2026-11-20T10:24:45.000Z',
    correlationId: 'sample',
    actor: { type: 'Service', id: `countersign/${WRITER_OF[category]}`, via: { channel: 'service' } },
    service: WRITER_OF[category],
  },
});

const appendSigned = (
  store: EventStore,
  stream: string,
  category: Category,
  first: number,
  events: readonly UnsignedEnvelope[],
) => {
  const signed = signAppend(stream, first, events, KEYS.signer(WRITER_OF[category]));
  return store.append(stream, first === 0 ? 'no-stream' : first - 1, signed);
};

/**
 * Fills an empty store with at least so many events of all categories, in appends of one to seven: streams grow
 * in turns, so that the log's order is not that of any of them.
 */
export const fillSampleLog = async (store: EventStore, events: number, seed: number): Promise<void> => {
  const random = randomFrom(seed);
  const mode = envelope('system', 'StoreInitialized', { mode: 'development' });
  await appendSigned(store, 'system-mode', 'system', 0, [mode]);
  const heads = new Map<string, number>();
  const appendNext = (): { readonly done: Promise<unknown>; readonly count: number } => {
    const category = CATEGORIES[Math.floor(random() * CATEGORIES.length)] ?? 'request';
    const stream = `${category}-${Math.floor((random() * events) / 20)}`;
    const first = heads.get(stream) ?? 0;
    const count = 1 + Math.floor(random() * 7);
    const append = Array.from({ length: count }, () => envelope(category, 'Sampled', dataOf(random)));
    heads.set(stream, first + count);
    return { done: appendSigned(store, stream, category, first, append), count };
  };
  for (let held = 1; held < events;) {
    const turn: Promise<unknown>[] = [];
    while (turn.length < TURN && held < events) {
      const { done, count } = appendNext();
      turn.push(done);
      held += count;
    }
    await Promise.all(turn);
  }
};

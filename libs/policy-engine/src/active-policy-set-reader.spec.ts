import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { AppendVerifier, signAppend, type EventStore, type RecordedEvent } from '@countersign/event-store';
import type { DomainEvent } from '@countersign/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { ActivePolicySetReader } from './active-policy-set-reader.ts';
import { parsePolicySet } from './parse-policy-set.ts';
import { POLICY_SET_STREAM, policySetToEvents } from './policy-set-events.ts';
import type { PolicySet } from './policy-set.ts';
import { filesWith } from './spec-helpers.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const keys = generateKeyPairSync('ed25519');
const signer = { kid: 'k', sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
const verifier = new AppendVerifier({
  verify: (service, kid, bytes, signature) =>
    service === 'policy' && kid === 'k' && verify(null, bytes, keys.publicKey, signature),
});

/** One stream in memory, and how often it was read. */
class OneStream implements Pick<EventStore, 'readStream'> {
  events: RecordedEvent[] = [];
  reads = 0;
  committedAt = NOW;

  readStream: EventStore['readStream'] = (_stream, { from, direction, limit } = {}) => {
    this.reads += 1;
    const ordered =
      direction === 'backwards'
        ? this.events.slice(0, from === undefined ? undefined : from + 1).toReversed()
        : this.events.slice(from ?? 0);
    return Promise.resolve(ordered.slice(0, limit));
  };

  append(events: readonly DomainEvent[]): void {
    const first = this.events.length;
    const metadata = {
      occurredAt: NOW,
      correlationId: 'c',
      actor: { type: 'User', id: 'carol', via: { channel: 'api' } },
      service: 'policy',
    } as const;
    const unsigned = events.map(({ type, data }, index) => ({
      id: `00000000-0000-4000-8000-${String(first + index).padStart(12, '0')}`,
      type,
      schemaVersion: 1,
      data: JSON.parse(JSON.stringify(data)),
      metadata,
    }));
    const signed = signAppend(POLICY_SET_STREAM, first, unsigned, signer);
    this.events.push(
      ...signed.map((event, index) => ({
        ...event,
        stream: POLICY_SET_STREAM,
        revision: first + index,
        position: String(first + index),
        committedAt: this.committedAt,
      })),
    );
  }
}

let store: OneStream;
let reader: ActivePolicySetReader;
beforeEach(() => {
  store = new OneStream();
  const { readStream } = store;
  const unused = () => {
    throw new Error('not used here');
  };
  reader = new ActivePolicySetReader({ readStream, append: unused, subscribe: unused }, verifier);
});

const activate = (set: PolicySet, replaces?: string): void =>
  store.append(policySetToEvents(set, { type: 'User', id: 'carol' }, replaces));

const small = parsePolicySet(filesWith());
const other = parsePolicySet(filesWith({ 'a.cedar': '// other\n' }));

describe('the active policy set', () => {
  it('is none before the first activation', async () => {
    expect(await reader.read()).toBeUndefined();
  });

  it('comes back as it was activated, with author and revision', async () => {
    activate(small);
    expect(await reader.read()).toEqual({
      set: small,
      revision: 4,
      by: { type: 'User', id: 'carol' },
      activatedAt: NOW,
    });
  });

  it('is the newest from the moment it is durable', async () => {
    activate(small);
    await reader.read();
    activate(other, small.digest);
    expect(await reader.read()).toMatchObject({ set: { digest: other.digest }, replaces: small.digest });
  });

  it('costs one look at the head once it is known', async () => {
    activate(small);
    const first = await reader.read();
    const { reads } = store;
    expect(await reader.read()).toBe(first);
    expect(store.reads).toBe(reads + 1);
  });

  it('carries files larger than an event in parts, halves of no character apart', async () => {
    const content = `// ${'x😀"\u0001é'.repeat(30_000)}\n`;
    const large = parsePolicySet(filesWith({ 'large.cedar': content }));
    const events = policySetToEvents(large, { type: 'User', id: 'carol' });
    expect(Math.max(...events.map((event) => Buffer.byteLength(JSON.stringify(event))))).toBeLessThan(62_000);
    activate(large);
    expect((await reader.read())?.set.files).toEqual(large.files);
  });

  it.each([
    [
      'a file changed in the store',
      0,
      { path: 'a.cedar', part: 1, parts: 1, content: 'permit (principal, action, resource);' },
    ],
    [
      'a head that names another set',
      4,
      { manifest: [], digest: 'x', stored: 4, by: { type: 'User', id: 'eve' } },
    ],
  ])('is refused with %s', async (_what, revision, data) => {
    activate(small);
    const event = store.events[revision];
    if (event !== undefined) store.events[revision] = { ...event, data };
    await expect(reader.read()).rejects.toMatchObject({ code: 'signature_invalid' });
  });

  it('is refused where a head forged after a good read goes back to a known set', async () => {
    activate(small);
    await reader.read();
    const head = store.events.at(-1);
    if (head !== undefined)
      store.events.push({ ...head, id: crypto.randomUUID(), revision: head.revision + 1 });
    await expect(reader.read()).rejects.toMatchObject({ code: 'signature_invalid' });
  });

  it('is refused where even its writer signed files that do not add up', async () => {
    const events = policySetToEvents(small, { type: 'User', id: 'carol' });
    store.append(events.slice(1));
    await expect(reader.read()).rejects.toMatchObject({ code: 'policy_set_corrupt' });
    store.append([
      ...events.slice(0, 3),
      ...policySetToEvents(other, { type: 'User', id: 'carol' }).slice(3),
    ]);
    await expect(reader.read()).rejects.toMatchObject({ code: 'policy_set_corrupt' });
  });
});

describe('a policy set of the past', () => {
  const at = (minute: number): string => `2026-01-01T00:0${minute}:00.000Z`;
  const activateAt = (minute: number, set: PolicySet): void => {
    store.committedAt = at(minute);
    activate(set);
  };

  it('is found by its digest, as it was in force at that time', async () => {
    activateAt(1, small);
    activateAt(2, other);
    activateAt(3, small);
    expect(await reader.find(small.digest, at(2))).toMatchObject({
      set: small,
      revision: small.files.length,
    });
    expect((await reader.find(small.digest, at(3)))?.revision).toBe(store.events.length - 1);
    expect(await reader.find(other.digest, at(2))).toMatchObject({ set: other });
  });

  it('is none before its activation, and none that was never activated', async () => {
    expect(await reader.find(small.digest, at(1))).toBeUndefined();
    activateAt(2, other);
    expect(await reader.find(other.digest, at(1))).toBeUndefined();
    expect(await reader.find(small.digest, at(9))).toBeUndefined();
  });
});

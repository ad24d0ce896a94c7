import { isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PrivilegedAction } from './action.ts';
import { actionDigest, bindAction, claimedActionDigest, MAX_CANONICAL_BYTES } from './action-digest.ts';
import { requestIdFor } from './request-id.ts';
import { failureOf, strictJson } from './spec-helpers.ts';

const SUBJECT = { type: 'Agent', id: 'etl-bot', properties: {} };
const BODY = {
  action: { name: 'data.export', properties: { format: 'csv' } },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'Quarterly report', rows: 12, command: ['pg_dump', '-t', 'customers'] },
};
const ACTION: PrivilegedAction = { subject: SUBJECT, ...BODY };

/** Every copy of a value with one leaf replaced, or one member removed or added. */
function* mutations(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    yield [...value, null];
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const changed of mutations(item)) yield value.with(index, changed);
    }
  } else if (isJsonObject(value)) {
    yield { ...value, added: null };
    for (const [name, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const changed of mutations(item)) yield { ...value, [name]: changed };
    }
  } else {
    yield value === 'changed' ? 'changed again' : 'changed';
    yield value === null ? false : null;
  }
}

describe('the action digest', () => {
  it('is base64url SHA-256 over the RFC 8785 form', () => {
    expect(actionDigest(ACTION)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const reordered = {
      context: BODY.context,
      resource: BODY.resource,
      action: BODY.action,
      subject: SUBJECT,
    };
    expect(actionDigest(reordered)).toBe(actionDigest(ACTION));
  });

  it('changes with any one field changed, removed or added', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 4 }), strictJson, { maxKeys: 3 }), (extra) => {
        const context = { ...extra, ...BODY.context };
        const action = { ...ACTION, context } as unknown as JsonObject;
        const digest = claimedActionDigest(action);
        for (const part of ['subject', 'action', 'resource', 'context']) {
          for (const changed of mutations(action[part] ?? null)) {
            const isSameMeaning = part !== 'context' && isJsonObject(changed) && !('properties' in changed);
            if (!isSameMeaning) expect(claimedActionDigest({ ...action, [part]: changed })).not.toBe(digest);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('differs where a whole part is missing or of another shape, without a complaint', () => {
    const { subject: _, ...rest } = ACTION;
    for (const claimed of [{}, rest, { ...rest, subject: 'etl-bot' }, { ...rest, subject: null }]) {
      expect(claimedActionDigest(claimed as unknown as JsonObject)).not.toBe(actionDigest(ACTION));
    }
  });

  it('takes absent properties for empty ones', () => {
    const claimed = { ...BODY, subject: { type: 'Agent', id: 'etl-bot' } };
    expect(claimedActionDigest(claimed)).toBe(actionDigest(ACTION));
  });

  it('refuses an action over 48 KiB canonical', () => {
    const context = { justification: 'x', blob: 'y'.repeat(MAX_CANONICAL_BYTES) };
    expect(failureOf(() => bindAction(SUBJECT, { ...BODY, context }))?.code).toBe('too_large');
  });
});

describe('a bound action', () => {
  it("can't be changed at any depth", () => {
    const { action } = bindAction(SUBJECT, structuredClone(BODY));
    expect(Reflect.set(action.context, 'rows', 1)).toBe(false);
    expect(Reflect.set(action.context['command'] as object, 0, 'rm')).toBe(false);
    expect(Reflect.set(action.action.properties, 'format', 'sql')).toBe(false);
  });
});

describe('the id of a request with an idempotency key', () => {
  it('is the same for the same issuer, subject and key, as a UUIDv5', () => {
    const id = requestIdFor('urn:issuer', 'etl-bot', 'key-1');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(requestIdFor('urn:issuer', 'etl-bot', 'key-1')).toBe(id);
  });

  it('never joins neighbours: the parts are kept apart', () => {
    const ids = [
      requestIdFor('a', 'b', 'c'),
      requestIdFor('ab', '', 'c'),
      requestIdFor('a', 'bc', ''),
      requestIdFor('a","b', '', 'c'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('never changes between versions', () => {
    expect(requestIdFor('urn:countersign:development', 'Agent::"etl-bot"', 'nightly')).toMatchInlineSnapshot(
      `"8b006d2b-1671-56f8-ab06-368a741ce10a"`,
    );
  });
});

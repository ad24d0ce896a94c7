import { canonicalJson } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NESTING } from './json-scanner.ts';
import { bytesOf, failureOf, strictJson } from './spec-helpers.ts';
import { MAX_BODY_BYTES, parseStrictJson } from './strict-json.ts';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const padded = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;
const parseText = (text: string): unknown => parseStrictJson(bytesOf(text));

describe('strict JSON refuses, and names the field', () => {
  it.each([
    ['text that is no JSON', '{"a":1,}', 'malformed_json', undefined],
    ['an empty body', '', 'malformed_json', undefined],
    ['a byte order mark', '\uFEFF{}', 'malformed_json', undefined],
    ['NaN', '{"a":NaN}', 'malformed_json', undefined],
    ['a key that stands twice', '{"a":{"b":1,"b":1}}', 'duplicate_key', 'a.b'],
    ['a key that stands twice in another spelling', '{"a":1,"\\u0061":2}', 'duplicate_key', 'a'],
    ['a doubled key within an array', '[{"a":1},{"a":1,"a":2}]', 'duplicate_key', '1.a'],
    ['an integer above 2^53−1', '{"a":{"n":9007199254740992}}', 'unsafe_integer', 'a.n'],
    ['an integer below −(2^53−1)', '[1,-9007199254740993]', 'unsafe_integer', '1'],
    ['an unsafe integer with a fraction of zero', '[9007199254740993.0]', 'unsafe_integer', '0'],
    ['an exponent whose canonical form is an unsafe integer', '{"n":1e16}', 'unsafe_integer', 'n'],
    ['an integer literal of 25 digits', '{"n":1000000000000000000000000}', 'unsafe_integer', 'n'],
    ['a number beyond a double', '{"a":[0,1e400]}', 'non_finite_number', 'a.1'],
    ['a negative number beyond a double', '-1e400', 'non_finite_number', ''],
    ['half a surrogate pair', '{"a":"\\ud800"}', 'lone_surrogate', 'a'],
    ['halves in the wrong order', '["\\udc00\\ud800"]', 'lone_surrogate', '0'],
    ['half a surrogate pair in a key', '{"\\ud800":1}', 'lone_surrogate', '\uFFFD'],
    ['__proto__', '{"a":{"__proto__":{}}}', 'forbidden_key', 'a.__proto__'],
    ['__proto__ in another spelling', '{"\\u005f_proto__":1}', 'forbidden_key', '__proto__'],
    ['__entity', '{"__entity":{}}', 'forbidden_key', '__entity'],
    ['__extn', '[{"__extn":{}}]', 'forbidden_key', '0.__extn'],
    ['__expr', '{"__expr":""}', 'forbidden_key', '__expr'],
  ])('refuses %s', (_, text, code, field) => {
    expect(failureOf(() => parseText(text))).toEqual({ code, field });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(failureOf(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22)))?.code).toBe('malformed_json');
  });

  it('refuses the level after the deepest allowed one, in arrays and objects alike', () => {
    expect(parseText(nested(MAX_NESTING))).toBeDefined();
    expect(failureOf(() => parseText(nested(MAX_NESTING + 1)))?.code).toBe('nesting_too_deep');
    const objects = `${'{"a":'.repeat(MAX_NESTING + 1)}1${'}'.repeat(MAX_NESTING + 1)}`;
    expect(failureOf(() => parseText(objects))?.code).toBe('nesting_too_deep');
    expect(failureOf(() => parseText(nested(30_000)))?.code).toBe('nesting_too_deep');
  });

  it('refuses the byte after the largest body', () => {
    expect(parseText(padded(MAX_BODY_BYTES))).toBeDefined();
    expect(failureOf(() => parseText(padded(MAX_BODY_BYTES + 1)))?.code).toBe('too_large');
  });

  it('names a field without a name of any length, and well-formed', () => {
    const failure = failureOf(() => parseText(`{"${'k'.repeat(5_000)}":1e400}`));
    expect(failure).toEqual({ code: 'non_finite_number', field: `${'k'.repeat(64)}…` });
  });
});

describe('strict JSON accepts', () => {
  it.each([
    ['the largest safe integers', '[9007199254740991,-9007199254740991]'],
    ['a float that claims no integer precision', '1e30'],
    ['white space everywhere', ' \t\r\n{ "a" : [ 1 , { } , "x" ] , "b" : null } \n'],
    ['quotes, escapes and punctuation within strings', '{"a\\"b":"{\\"c\\":1,\\"c\\":2}\\\\","d":"[1e400]"}'],
    ['the same key in sibling objects', '[{"a":1},{"a":1}]'],
    ['a surrogate pair', '"\\ud83d\\ude02"'],
    ['true, false and null', '[true,false,null]'],
  ])('%s', (_, text) => {
    expect(parseText(text)).toEqual(JSON.parse(text));
  });

  it('whatever it accepted, again in canonical form, unchanged', () => {
    fc.assert(
      fc.property(strictJson, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseText(text))).toBe(text);
      }),
    );
  });

  it('only what JSON.parse reads the same way', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        if (failureOf(() => parseText(text)) === undefined) expect(parseText(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

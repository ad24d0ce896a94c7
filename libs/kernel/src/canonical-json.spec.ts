import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalDigest, canonicalJson, sha256 } from './canonical-json.ts';

describe('the canonical form', () => {
  // RFC 8785, sections 3.2.2 and 3.2.3.
  it('is that of RFC 8785', () => {
    const value = {
      numbers: JSON.parse(
        '[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]',
      ) as number[],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names by UTF-16 units', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([4, 2, 6, 7, 1, 5, 3]);
  });

  it('writes minus zero as zero', () => {
    expect(canonicalJson([-0])).toBe('[0]');
  });

  it.each([
    ['nothing', undefined],
    ['a function', () => 1],
    ['NaN', [Number.NaN]],
    ['infinity', { n: Number.POSITIVE_INFINITY }],
    ['a lone surrogate', { text: '\ud800' }],
    ['a lone surrogate in a name', { '\udfff': 1 }],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'not_canonicalizable' }));
  });

  it('refuses a circle', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => canonicalJson(circle)).toThrow(expect.objectContaining({ code: 'not_canonicalizable' }));
  });
});

describe('a digest', () => {
  it('is base64url SHA-256 without padding', () => {
    expect(sha256('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
    expect(sha256(Buffer.from('abc'))).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });

  it('is over the canonical bytes, whatever the order of names', () => {
    expect(canonicalDigest({ b: 'ü', a: 1 })).toBe(sha256(canonicalBytes({ a: 1, b: 'ü' })));
  });
});

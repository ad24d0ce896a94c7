import { describe, expect, it } from 'vitest';
import { testKeys } from './test-keys.ts';

const BYTES = Buffer.from('an append');

describe('test keys', () => {
  it('verify what their service signed, and nothing else', () => {
    const { keyRing, signer } = testKeys();
    const { kid, sign } = signer('policy');
    expect(keyRing.verify('policy', kid, BYTES, sign(BYTES))).toBe(true);
    expect(keyRing.verify('intake', kid, BYTES, sign(BYTES))).toBe(false);
    expect(keyRing.verify('policy', kid, Buffer.from('another'), sign(BYTES))).toBe(false);
    expect(testKeys().keyRing.verify('policy', kid, BYTES, sign(BYTES))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { deepFreeze, isDeepFrozen } from './deep-freeze.ts';

describe('a deep-frozen value', () => {
  it('is the same value, and changes nowhere', () => {
    const value = { list: [{ name: 'etl' }], count: 1 };
    expect(deepFreeze(value)).toBe(value);
    expect(() => Object.assign(value.list[0]!, { name: 'other' })).toThrow(TypeError);
    expect(() => value.list.push({ name: 'more' })).toThrow(TypeError);
    expect(isDeepFrozen(value)).toBe(true);
  });

  it('is told from one that is frozen at its surface alone', () => {
    expect(isDeepFrozen(Object.freeze({ data: { changes: true } }))).toBe(false);
    expect(isDeepFrozen(Object.freeze([Object.freeze({ data: {} })]))).toBe(false);
    expect(isDeepFrozen('text')).toBe(true);
    expect(isDeepFrozen(null)).toBe(true);
  });
});

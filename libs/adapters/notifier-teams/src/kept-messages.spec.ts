import { describe, expect, it } from 'vitest';
import { KeptMessages } from './kept-messages.ts';

const place = { tenant: 't', conversation: 'c', requestId: 'r' };

describe('messages that are kept true', () => {
  it('make any other one with the same card a copy, there and for that request alone', () => {
    const kept = new KeptMessages();
    expect(kept.isCopy(place, '1')).toBe(false);
    kept.keep(place, '2');
    kept.keep(place, '3');
    expect([kept.isCopy(place, '1'), kept.isCopy(place, '2'), kept.isCopy(place, '3')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(kept.isCopy({ ...place, conversation: 'd' }, '1')).toBe(false);
    expect(kept.isCopy({ ...place, requestId: 's' }, '1')).toBe(false);
  });

  it('are forgotten in the end, those first that nobody used', () => {
    const kept = new KeptMessages();
    const nth = (requestId: number) => ({ ...place, requestId: String(requestId) });
    for (let each = 0; each < 10_000; each += 1) kept.keep(nth(each), '2');
    kept.keep(nth(0), '2');
    kept.keep(nth(10_000), '2');
    expect([kept.isCopy(nth(0), '1'), kept.isCopy(nth(1), '1'), kept.isCopy(nth(10_000), '1')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { CallsInHand, MAX_CALLS_IN_HAND } from './calls-in-hand.ts';

const [FLOOD, ALICE] = [
  { type: 'Agent', id: 'flood' },
  { type: 'User', id: 'alice' },
];

let calls: CallsInHand;
beforeEach(() => {
  calls = new CallsInHand();
});

/** A response that is still to end. */
const begin = (principal = FLOOD): EventEmitter => {
  const response = new EventEmitter();
  calls.begin(principal, response);
  return response;
};

const fill = (): EventEmitter[] => Array.from({ length: MAX_CALLS_IN_HAND }, () => begin());

describe('calls in hand', () => {
  it('are so many for a principal, and one more when one of them ends', () => {
    const [first] = fill();
    expect(() => begin()).toThrow(expect.objectContaining({ code: 'too_many_calls', retryAfterS: 1 }));
    first?.emit('close');
    begin();
    expect(() => begin()).toThrow(expect.objectContaining({ code: 'too_many_calls' }));
  });

  it("are counted for each alone: nobody's flood refuses another's call", () => {
    fill();
    expect(() => begin(ALICE)).not.toThrow();
  });

  it('leave nothing behind when they have ended', () => {
    for (const response of fill()) response.emit('close');
    expect(fill()).toHaveLength(MAX_CALLS_IN_HAND);
  });
});

import { describe, expect, it } from 'vitest';
import { parseStreamName, streamName } from './categories.ts';

describe('a stream name', () => {
  it('is split at its first dash', () => {
    expect(parseStreamName(streamName('evidence', '2026-11-20'))).toEqual({
      category: 'evidence',
      id: '2026-11-20',
    });
  });

  it.each(['', 'request', 'request-', '-1', 'invoice-1', 'toString-1', '__proto__-1'])(
    'refuses %j',
    (name) => {
      expect(() => parseStreamName(name)).toThrow(expect.objectContaining({ code: 'malformed_stream' }));
    },
  );
});

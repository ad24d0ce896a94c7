import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pageCursor } from './page-cursor.ts';

const cursor = pageCursor(z.tuple([z.int(), z.string()]));

describe('a cursor', () => {
  it('comes back as it was given', () => {
    expect(cursor.parse(cursor.format([7, 'é::"x"']))).toEqual([7, 'é::"x"']);
  });

  it.each([
    '',
    'x',
    '{}',
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('nul').toString('base64url'),
  ])('is refused where it is none of this list: %j', (given) => {
    expect(() => cursor.parse(given)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});

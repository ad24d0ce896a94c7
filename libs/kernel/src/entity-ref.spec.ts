import { describe, expect, it } from 'vitest';
import { formatEntity, parseEntity, sameEntity } from './entity-ref.ts';

describe('an entity', () => {
  it.each([
    [{ type: 'Agent', id: 'etl-bot' }, 'Agent::"etl-bot"'],
    [{ type: 'Acme::Agent', id: 'a "quoted" \\ name' }, 'Acme::Agent::"a \\"quoted\\" \\\\ name"'],
  ])('%j is written %s, and read back', (entity, text) => {
    expect(formatEntity(entity)).toBe(text);
    expect(parseEntity(text)).toEqual(entity);
  });

  it.each(['', 'Agent', 'Agent::etl-bot', 'Agent::"a" or true', '"etl-bot"', 'Agent::"', '9::"a"'])(
    'is not read from %j',
    (text) => {
      expect(() => parseEntity(text)).toThrow(expect.objectContaining({ code: 'invalid_entity' }));
    },
  );

  it('is the same by type and id', () => {
    expect(sameEntity({ type: 'User', id: 'a' }, { type: 'User', id: 'a' })).toBe(true);
    expect(sameEntity({ type: 'User', id: 'a' }, { type: 'Agent', id: 'a' })).toBe(false);
    expect(sameEntity({ type: 'User', id: 'a' }, { type: 'User', id: 'A' })).toBe(false);
  });
});

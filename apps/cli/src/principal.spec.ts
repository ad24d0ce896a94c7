import { describe, expect, it } from 'vitest';
import { parsePrincipal, parseTypeAndId } from './principal.ts';

describe('parsePrincipal', () => {
  it.each([
    ['alice', { type: 'User', id: 'alice' }],
    ['Agent::"etl-bot"', { type: 'Agent', id: 'etl-bot' }],
    ['Agent/etl-bot', { type: 'Agent', id: 'etl-bot' }],
  ])('reads %s', (text, principal) => {
    expect(parsePrincipal(text, '--as')).toEqual(principal);
  });

  it('refuses a half-written entity', () => {
    expect(() => parsePrincipal('Agent::etl-bot', '--as')).toThrow(
      expect.objectContaining({ code: 'invalid_entity' }),
    );
  });
});

describe('parseTypeAndId', () => {
  it('splits at the first slash', () => {
    expect(parseTypeAndId('Secret/db/prod', '--resource')).toEqual({ type: 'Secret', id: 'db/prod' });
  });

  it.each(['customers', '/customers', 'Dataset/'])('refuses %s', (text) => {
    expect(() => parseTypeAndId(text, '--resource')).toThrow(
      expect.objectContaining({ code: 'usage', field: '--resource' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { decided, knownEvents, type DomainEvent } from './domain-event.ts';

type Opened = DomainEvent<'Opened', { by: string }>;

describe('the events that an owner knows', () => {
  it('come without their envelope', () => {
    const recorded = [{ type: 'Opened', data: { by: 'alice' }, revision: 3 }];
    expect(knownEvents<Opened>({ Opened: true }, recorded)).toEqual([
      { type: 'Opened', data: { by: 'alice' } },
    ]);
  });

  it.each(['Revoked', 'toString', '__proto__'])('fail closed at %s', (type) => {
    expect(() => knownEvents<Opened>({ Opened: true }, [{ type, data: {} }])).toThrow(
      expect.objectContaining({ code: 'unknown_event_type' }),
    );
  });
});

describe('a decision', () => {
  it('holds its events in order', () => {
    const first = { type: 'A', data: {} };
    const second = { type: 'B', data: {} };
    expect(decided<DomainEvent>(first, second)).toEqual({ kind: 'decided', events: [first, second] });
  });
});

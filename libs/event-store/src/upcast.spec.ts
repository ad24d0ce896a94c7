import { describe, expect, it } from 'vitest';
import { currentVersion, upcast, type UpcastTable } from './upcast.ts';

const table: UpcastTable = {
  ActionRequested: [(data) => ({ ...data, two: true }), (data) => ({ ...data, three: true })],
};
const event = (schemaVersion: number, type = 'ActionRequested') => ({ type, schemaVersion, data: { n: 1 } });

describe('upcasting', () => {
  it.each([
    [1, { n: 1, two: true, three: true }],
    [2, { n: 1, three: true }],
    [3, { n: 1 }],
  ])('brings version %d to the current one, step by step', (version, data) => {
    expect(upcast(table, event(version))).toEqual({ type: 'ActionRequested', schemaVersion: 3, data });
  });

  it('takes a type without steps for version 1', () => {
    expect(currentVersion(table, 'ReviewOpened')).toBe(1);
    expect(currentVersion(table, 'toString')).toBe(1);
    expect(currentVersion(table, 'ActionRequested')).toBe(3);
  });

  it.each([
    [4, 'ActionRequested'],
    [2, 'ReviewOpened'],
  ])('refuses version %d of %s, which this build does not know', (version, type) => {
    expect(() => upcast(table, event(version, type))).toThrow(
      expect.objectContaining({ code: 'unknown_event_version' }),
    );
  });
});

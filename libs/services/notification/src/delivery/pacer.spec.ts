import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

const PACE = { allowance: 'slack C1', perMinute: 60, burst: 2 };

describe('Pacer', () => {
  const clock = { ms: 0, nowMs: () => clock.ms };
  const begin = () => {
    clock.ms = 1_000_000;
    return new Pacer(clock);
  };
  const takes = (pacer: Pacer, times: number) =>
    Array.from({ length: times }, () => pacer.take(PACE)).filter((taken) => taken !== undefined);

  it('lets a burst through at once, and then no more than the pace', () => {
    const pacer = begin();
    const taken = takes(pacer, 5);
    expect(taken).toHaveLength(2);
    for (const call of taken) call.done();
    clock.ms += 999;
    expect(takes(pacer, 5)).toHaveLength(0);
    clock.ms += 1;
    expect(takes(pacer, 5)).toHaveLength(1);
    clock.ms += 3_600_000;
    expect(pacer.room(PACE)).toBe(2);
  });

  it('gives the room of a call back that was not made', () => {
    const pacer = begin();
    for (const call of takes(pacer, 2)) call.giveBack();
    expect(pacer.room(PACE)).toBe(2);
  });

  it('waits for what other replicas call, too, and not without end', () => {
    const pacer = begin();
    for (let calls = 0; calls < 3; calls += 1) pacer.charge(PACE);
    clock.ms += 1_000;
    expect(pacer.room(PACE)).toBe(0);
    clock.ms += 1_000;
    expect(pacer.room(PACE)).toBe(1);
    for (let calls = 0; calls < 1_000; calls += 1) pacer.charge(PACE);
    clock.ms += 3_000;
    expect(pacer.room(PACE)).toBe(1);
  });

  it('rests where the platform asks for it, and nowhere else', () => {
    const pacer = begin();
    pacer.rest(PACE, 30_000);
    const other = { ...PACE, allowance: 'slack C2' };
    clock.ms += 29_999;
    expect([pacer.room(PACE), pacer.room(other)]).toEqual([0, 2]);
    clock.ms += 1;
    expect(pacer.room(PACE)).toBe(2);
  });

  it('rests for five minutes at the most, however long the platform asked for', () => {
    const pacer = begin();
    pacer.rest(PACE, 86_400_000);
    clock.ms += 299_999;
    expect(pacer.room(PACE)).toBe(0);
    clock.ms += 1;
    expect(pacer.room(PACE)).toBe(2);
  });

  it('leaves no more unanswered than a few calls', () => {
    const pacer = begin();
    const wide = { ...PACE, burst: 100 };
    const taken = Array.from({ length: 20 }, () => pacer.take(wide)).filter((one) => one !== undefined);
    expect(taken).toHaveLength(8);
    taken[0]?.done();
    expect(pacer.room(wide)).toBe(1);
  });

  it('keeps no record of destinations that nobody calls any more', () => {
    const pacer = begin();
    for (let nth = 0; nth < 5_000; nth += 1) {
      pacer.take({ ...PACE, allowance: `C${nth}` })?.done();
      clock.ms += 1_000;
    }
    expect(pacer.size).toBeLessThanOrEqual(1_000);
  });

  it('limits nothing where a channel names no pace', () => {
    expect(begin().room(undefined)).toBe(Number.POSITIVE_INFINITY);
    expect(begin().take(undefined)).toBeDefined();
  });
});

import { describe, expect, it } from 'vitest';
import { SystemClock } from './system-clock.ts';

/** A clock whose wall and monotonic times a test moves. */
const setUp = () => {
  const machine = { wallMs: 1_000_000, monotonicMs: 500 };
  const pass = (ms: number): void => {
    machine.wallMs += ms;
    machine.monotonicMs += ms;
  };
  const clock = new SystemClock(
    () => machine.wallMs,
    () => machine.monotonicMs,
  );
  return { machine, pass, clock };
};

describe("a service's clock", () => {
  it('starts at the machine’s time and goes on with it', () => {
    const { clock, pass } = setUp();
    expect(clock.nowMs()).toBe(1_000_000);
    pass(250);
    expect(clock.nowMs()).toBe(1_000_250);
    expect(clock.skewMs()).toBe(0);
  });

  it.each([3_600_000, -3_600_000])('is not moved by a step of %d ms, and tells of it', (stepMs) => {
    const { clock, machine, pass } = setUp();
    machine.wallMs += stepMs;
    pass(10);
    expect(clock.nowMs()).toBe(1_000_010);
    expect(clock.skewMs()).toBe(3_600_000);
  });

  it('moves forward to a committed time, never back', () => {
    const { clock, pass } = setUp();
    clock.observe('1970-01-01T00:16:45.000Z');
    expect(clock.nowMs()).toBe(1_005_000);
    clock.observe('1970-01-01T00:16:41.000Z');
    pass(1);
    expect(clock.nowMs()).toBe(1_005_001);
    expect(clock.skewMs()).toBe(5_000);
  });

  it('tells how far it is ahead of a store that committed before it was asked to, until one agrees', () => {
    const { clock, pass } = setUp();
    clock.observe('1970-01-01T00:00:10.000Z', clock.nowMs());
    expect([clock.nowMs(), clock.skewMs()]).toEqual([1_000_000, 990_000]);
    pass(10);
    const askedAtMs = clock.nowMs();
    pass(5);
    clock.observe('1970-01-01T00:16:40.012Z', askedAtMs);
    expect(clock.skewMs()).toBe(0);
  });

  it('makes nothing of a time that nobody here asked for', () => {
    const { clock } = setUp();
    clock.observe('1970-01-01T00:00:10.000Z');
    expect(clock.skewMs()).toBe(0);
  });
});

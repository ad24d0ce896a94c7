import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

describe('work in flight', () => {
  it('is idle where nothing has begun', async () => {
    await expect(new InFlight().idle(0)).resolves.toBe(true);
  });

  it('is waited for until all of it has ended, failures too', async () => {
    const inFlight = new InFlight();
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const work = Promise.allSettled([
      inFlight.track(() => first.promise),
      inFlight.track(() => second.promise),
    ]);
    const idle = inFlight.idle(10_000);
    first.resolve();
    second.reject(new Error('no'));
    await expect(idle).resolves.toBe(true);
    await work;
    expect(inFlight.size).toBe(0);
  });

  it('is not waited for beyond the deadline', async () => {
    const inFlight = new InFlight();
    const gate = Promise.withResolvers<void>();
    const work = inFlight.track(() => gate.promise);
    await expect(inFlight.idle(1)).resolves.toBe(false);
    gate.resolve();
    await work;
  });
});

import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

describe('work in flight', () => {
  it('is waited for until there is room for more, or nobody waits any longer', async () => {
    const inFlight = new InFlight();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waiting = new AbortController();
    const work = [first, second].map((each) => inFlight.track(() => each.promise));
    const room = inFlight.below(2, waiting.signal);
    first.resolve();
    await room;
    expect(inFlight.size).toBe(1);
    const idle = inFlight.below(1, waiting.signal);
    waiting.abort();
    await idle;
    expect(inFlight.size).toBe(1);
    second.resolve();
    await Promise.all(work);
  });

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

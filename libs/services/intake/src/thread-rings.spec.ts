import type { Bus, Doorbell } from '@countersign/bus';
import { describe, expect, it } from 'vitest';
import { ThreadRings } from './thread-rings.ts';

const silentBus = (): { bus: Bus; ring: (stream: string) => void; hearers: () => number } => {
  const hearers = new Set<{ category: string; onRing: (doorbell: Doorbell) => void | Promise<void> }>();
  const bus: Bus = {
    connected: true,
    ring: () => undefined,
    request: () => Promise.reject(new Error('nobody serves here')),
    hear: ({ category }, onRing) => {
      const hearer = { category, onRing };
      hearers.add(hearer);
      return async () => void hearers.delete(hearer);
    },
  };
  const ring = (stream: string): void => {
    const category = stream.slice(0, stream.indexOf('-'));
    for (const hearer of hearers) {
      if (hearer.category === category)
        void hearer.onRing({ category, stream, revision: 0, type: 'X', id: 'x' });
    }
  };
  return { bus, ring, hearers: () => hearers.size };
};

const FOREVER = new AbortController().signal;

describe('waiting for a ring', () => {
  it('wakes who listened before the ring, even where it rings before the wait', async () => {
    const { bus, ring } = silentBus();
    const rings = new ThreadRings(bus);
    rings.start();
    const listener = rings.listen('1');
    ring('review-1');
    await listener.wait(60_000, FOREVER);
    listener.cease();
  });

  it('is woken by its own request alone', async () => {
    const { bus, ring } = silentBus();
    const rings = new ThreadRings(bus);
    rings.start();
    const [one, two] = [rings.listen('1'), rings.listen('2')];
    const woken: string[] = [];
    const waiting = Promise.all([
      one.wait(60_000, FOREVER).then(() => woken.push('1')),
      two.wait(60_000, FOREVER).then(() => woken.push('2')),
    ]);
    ring('grant-2');
    ring('grant-1');
    await waiting;
    expect(woken).toEqual(['2', '1']);
  });

  it('ends at the signal', async () => {
    const ending = new AbortController();
    const waiting = new ThreadRings(silentBus().bus).listen('1').wait(60_000, ending.signal);
    ending.abort();
    await waiting;
  });

  it('hears nothing more once stopped', async () => {
    const { bus, hearers } = silentBus();
    const rings = new ThreadRings(bus);
    rings.start();
    expect(hearers()).toBe(2);
    await rings.stop();
    expect(hearers()).toBe(0);
  });
});

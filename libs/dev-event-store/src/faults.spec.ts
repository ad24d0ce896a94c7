import { describe, expect, it } from 'vitest';
import { Faults } from './faults.ts';

/** Draws these, then 0.999. */
const drawing =
  (...values: number[]) =>
  (): number =>
    values.shift() ?? 0.999;

describe('faults', () => {
  it('are none unless ordered, each once, in order', () => {
    const faults = new Faults();
    expect(faults.take('append')).toBeUndefined();
    faults.order('append', { kind: 'hang' }, { kind: 'cut' });
    expect([faults.take('append'), faults.take('append'), faults.take('append')]).toEqual([
      { kind: 'hang' },
      { kind: 'cut' },
      undefined,
    ]);
    expect(faults.injectedByKind).toEqual({ 'append hang': 1, 'append cut': 1 });
  });

  it('happen by chance as it is drawn, what is ordered first', () => {
    const faults = new Faults();
    faults.chance({ append: { refuse: 0.2, cut: 0.2 } }, drawing(0.1, 0.5, 0.3, 0.5, 0.4));
    faults.order('append', { kind: 'hang' });
    const kinds = [1, 2, 3, 4].map(() => faults.take('append')?.kind);
    expect(kinds).toEqual(['hang', 'refuse', 'cut', undefined]);
    expect(faults.injected).toBe(3);
  });

  it('say after how many events, where they need to', () => {
    const faults = new Faults();
    faults.chance({ read: { cut: 1 }, subscribe: { skip: 1 } }, drawing(0, 0.5, 0, 0.2));
    expect(faults.take('read')).toMatchObject({ kind: 'cut', after: 2 });
    expect(faults.take('subscribe')).toMatchObject({ kind: 'skip', count: 1 });
  });

  it('delay only where they are told to', () => {
    const faults = new Faults();
    expect([faults.takeDelay(), faults.injected]).toEqual([0, 0]);
    faults.chance({ mostDelayMs: 100 }, drawing(0.5));
    expect([faults.takeDelay(), faults.injectedByKind]).toEqual([50, { delay: 1 }]);
  });
});

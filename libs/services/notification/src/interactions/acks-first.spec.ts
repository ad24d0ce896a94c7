import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AcksFirst } from './acks-first.ts';
import type { Received } from './receive-click.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Clicks that a test receives to their end by hand. */
const setUp = () => {
  const settled: string[] = [];
  const acksFirst = new AcksFirst((interactionId) => settled.push(interactionId));
  const begin = (interactionId: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Received>();
    const ended = acksFirst.receive(() => promise);
    const end = (answered?: Received['answered']): Promise<unknown> => {
      resolve({ interactionId, isNew: answered === undefined, answered });
      return ended;
    };
    const fail = (): Promise<unknown> => {
      reject(new Error('The log is away.'));
      return ended.catch(() => undefined);
    };
    return { end, fail };
  };
  return { settled, begin };
};

describe('acknowledgements first', () => {
  it('settles a click that comes alone within a moment', async () => {
    const { settled, begin } = setUp();
    await begin('a').end();
    expect(settled).toEqual([]);
    await tick(10);
    expect(settled).toEqual(['a']);
  });

  it('settles none of a crowd before the last of it is received, and then each once', async () => {
    const { settled, begin } = setUp();
    const [a, b, c] = [begin('a'), begin('b'), begin('c')];
    await a.end();
    await tick(50);
    await b.end();
    await tick(50);
    expect(settled).toEqual([]);
    await c.end();
    await tick(10);
    expect(settled).toEqual(['a', 'b', 'c']);
    await tick(1_000);
    expect(settled).toHaveLength(3);
  });

  it('keeps nobody waiting longer than a while, however many more come', async () => {
    const { settled, begin } = setUp();
    begin('never');
    await begin('a').end();
    await tick(199);
    expect(settled).toEqual([]);
    await tick(1);
    expect(settled).toEqual(['a']);
    await begin('b').end();
    await tick(200);
    expect(settled).toEqual(['a', 'b']);
  });

  it('settles nothing that was answered before or could not be received, and holds up nothing by it', async () => {
    const { settled, begin } = setUp();
    const [a, b, c] = [begin('a'), begin('b'), begin('c')];
    await a.end();
    await b.end({ kind: 'decided', status: 'approved', message: 'You approved this.' });
    await c.fail();
    await tick(10);
    expect(settled).toEqual(['a']);
  });
});

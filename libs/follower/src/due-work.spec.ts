import { CodedError } from '@countersign/kernel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DueWork, type DueWorkOptions } from './due-work.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Due work over a set of ids, whose items a test finishes by hand where it wants to. */
const setUp = (options: Partial<DueWorkOptions> = {}) => {
  const due = new Set<string>();
  const ran: string[] = [];
  const errors: (string | undefined)[] = [];
  const work = new DueWork({
    due: () => [...due],
    ensure: (id) => {
      ran.push(id);
      due.delete(id);
      return Promise.resolve();
    },
    clock: { nowMs: () => Date.now() },
    place: 0,
    onError: (_, id) => errors.push(id),
    ...options,
  });
  return { due, ran, errors, work };
};

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('due work', () => {
  it('is looked for at the start and every second', async () => {
    const { due, ran, work } = setUp();
    due.add('a');
    work.start();
    await tick();
    expect(ran).toEqual(['a']);
    due.add('b');
    await tick(999);
    expect(ran).toEqual(['a']);
    await tick(1);
    expect(ran).toEqual(['a', 'b']);
    await work.stop();
  });

  it('runs at once when a doorbell rings', async () => {
    const { ran, work } = setUp();
    work.start();
    work.nudge('a');
    await tick();
    expect(ran).toEqual(['a']);
    await work.stop();
  });

  it('gathers what is nudged for so long after the first nudge, and runs it once', async () => {
    const { due, ran, work } = setUp();
    work.start();
    work.nudge('a', 300);
    due.add('a');
    await tick(200);
    work.nudge('a', 300);
    work.look();
    await tick(99);
    expect(ran).toEqual([]);
    await tick(1);
    expect(ran).toEqual(['a']);
    work.nudge('a', 300);
    await tick(300);
    expect(ran).toEqual(['a', 'a']);
    await work.stop();
  });

  it('holds up no nudge that wants it at once', async () => {
    const { ran, work } = setUp();
    work.start();
    work.nudge('a', 300);
    work.nudge('a');
    await tick();
    expect(ran).toEqual(['a']);
    await work.stop();
  });

  it('runs an item once at a time, and once more when nudged meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const ran: string[] = [];
    const { work } = setUp({
      ensure: (id) => {
        ran.push(id);
        return gate.promise;
      },
    });
    for (let rings = 0; rings < 3; rings += 1) work.nudge('a');
    await tick();
    work.nudge('a');
    await tick();
    expect(ran).toEqual(['a']);
    gate.resolve();
    await tick();
    expect(ran).toEqual(['a', 'a']);
    await work.stop();
  });

  it('holds no more than its bound in hand', async () => {
    const gate = Promise.withResolvers<void>();
    const { due, work } = setUp({ ensure: () => gate.promise, concurrency: 3 });
    for (let index = 0; index < 10; index += 1) due.add(`item-${index}`);
    work.start();
    await tick();
    expect(work.status().inFlight).toBe(3);
    gate.resolve();
    await tick();
    expect(work.status().inFlight).toBe(0);
    await work.stop();
  });

  it('lets a failing item wait longer each time, and holds up no other', async () => {
    const ran: string[] = [];
    const { due, errors, work } = setUp({
      ensure: (id) => {
        ran.push(id);
        return id === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    });
    due.add('bad');
    work.start();
    await tick(7_500);
    expect(ran).toHaveLength(4); // at 0, 1, 3 and 7 s
    expect(errors).toEqual(['bad', 'bad', 'bad', 'bad']);
    expect(work.status().failures).toBe(4);
    work.nudge('good');
    await tick();
    expect(ran.at(-1)).toBe('good');
    await work.stop();
  });

  it('counts as overdue what was due at the last look already', async () => {
    const { due, work } = setUp({ ensure: () => Promise.resolve() });
    due.add('stuck');
    work.start();
    expect(work.status().overdue).toBe(0);
    await tick(1_000);
    expect(work.status().overdue).toBe(1);
    due.clear();
    await tick(1_000);
    expect(work.status().overdue).toBe(0);
    await work.stop();
  });

  it('survives a query that fails', async () => {
    const ran: string[] = [];
    let looks = 0;
    const { errors, work } = setUp({
      due: () => {
        looks += 1;
        if (looks === 1) throw new Error('The view is busy.');
        return ['a'];
      },
      ensure: (id) => Promise.resolve(void ran.push(id)),
    });
    work.start();
    await tick(1_000);
    expect(errors).toEqual([undefined]);
    expect(ran).toEqual(['a']);
    await work.stop();
  });

  it('is soon tried again where nothing is wrong with the item itself', async () => {
    const away = new CodedError('store_unavailable', 'It is away.');
    const { due, errors, work } = setUp({ ensure: () => Promise.reject(away) });
    due.add('a');
    work.start();
    await tick(15_500);
    expect(errors).toHaveLength(6); // at 0, 1, 3, 7, 11 and 15 s
    await work.stop();
  });

  it('takes nothing more once it is stopped, and ends when what is in hand is done', async () => {
    const gate = Promise.withResolvers<void>();
    const { due, work, ran } = setUp({ ensure: (id) => gate.promise.then(() => void ran.push(id)) });
    work.nudge('a');
    await tick();
    const stopped = vi.fn<() => void>();
    const stopping = work.stop().then(stopped);
    work.nudge('b');
    due.add('c');
    work.look();
    await tick(5_000);
    expect(stopped).not.toHaveBeenCalled();
    gate.resolve();
    await stopping;
    expect(ran).toEqual(['a']);
  });
});

describe('due work of several replicas', () => {
  it('leaves what is new to the replica that a doorbell told, until the next look', async () => {
    const { due, ran, work } = setUp({ leavesNewsToHearer: true });
    due.add('old');
    work.start();
    await tick();
    due.add('new');
    await tick(1_000);
    expect(ran).toEqual(['old']);
    await tick(1_000);
    expect(ran).toEqual(['old', 'new']);
    await work.stop();
  });

  it('begins a backlog at another place in each', async () => {
    const { due, ran, work } = setUp({ place: 0.5 });
    for (const id of ['a', 'b', 'c', 'd']) due.add(id);
    work.start();
    await tick();
    expect(ran).toEqual(['c', 'd', 'a', 'b']);
    await work.stop();
  });

  it('leaves alone what another has done before its turn came', async () => {
    const gate = Promise.withResolvers<void>();
    const ran: string[] = [];
    const { due, work } = setUp({
      concurrency: 1,
      ensure: (id) => gate.promise.then(() => void ran.push(id)),
    });
    for (const id of ['a', 'b', 'c']) due.add(id);
    work.start();
    due.delete('b');
    await tick(1_000);
    gate.resolve();
    await tick();
    expect(ran).toEqual(['a', 'c']);
    await work.stop();
  });

  it('does what it alone was told of before it ends, and leaves the rest to the others', async () => {
    const gate = Promise.withResolvers<void>();
    const { due, ran, work } = setUp({
      concurrency: 1,
      ensure: (id) => gate.promise.then(() => void ran.push(id)),
    });
    for (const id of ['due-1', 'due-2']) due.add(id);
    work.start();
    work.nudge('told');
    work.nudge('gathering', 60_000);
    await tick();
    const stopping = work.stop();
    gate.resolve();
    await stopping;
    expect(ran).toEqual(['due-1', 'told', 'gathering']);
  });

  it('leaves that, too, once the others have found it', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const ran: string[] = [];
    const { work } = setUp({
      concurrency: 1,
      ensure: async (id) => {
        ran.push(id);
        await gates[ran.length - 1]?.promise;
      },
    });
    for (const id of ['a', 'b', 'c']) work.nudge(id);
    const stopping = work.stop();
    gates[0]?.resolve();
    await tick(2_000);
    gates[1]?.resolve();
    await stopping;
    expect(ran).toEqual(['a', 'b']);
  });
});

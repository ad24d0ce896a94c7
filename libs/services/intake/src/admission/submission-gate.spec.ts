import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { SubmissionGate } from './submission-gate.ts';

let gate: SubmissionGate;
let begun: string[];
let inWork: (() => void)[];

beforeEach(() => {
  gate = new SubmissionGate({ inWork: 2, waiting: 6 });
  [begun, inWork] = [[], []];
});

const submit = (requester: string): Promise<void> =>
  gate.inTurn(requester, () => {
    begun.push(requester);
    return new Promise((resolve) => inWork.push(resolve));
  });

const several = (requester: string, times: number): Promise<void>[] =>
  Array.from({ length: times }, () => submit(requester));

const finish = async (times: number): Promise<void> => {
  for (let done = 0; done < times; done += 1) {
    inWork.shift()?.();
    await nextTurn();
  }
};

const refused = async (submissions: readonly Promise<void>[]): Promise<number> => {
  const results = Promise.allSettled(submissions);
  await finish(2 * submissions.length);
  return (await results).filter(({ status }) => status === 'rejected').length;
};

describe('the gate of submissions', () => {
  it('lets so many work at once, and the next as one ends', async () => {
    const all = several('flood', 4);
    expect(begun).toHaveLength(2);
    await finish(1);
    expect(begun).toHaveLength(3);
    await finish(3);
    await Promise.all(all);
    expect(gate.waiting).toBe(0);
  });

  it('takes turns between requesters, however many of one wait already', async () => {
    const all = [...several('flood', 5), ...several('calm', 2)];
    await finish(7);
    expect(begun).toEqual(['flood', 'flood', 'flood', 'calm', 'flood', 'calm', 'flood']);
    await Promise.all(all);
  });

  it('refuses a flood as overloaded at its share of the places, and keeps one for somebody else', async () => {
    const flood = several('flood', 7);
    const calm = submit('calm');
    expect(gate.waiting).toBe(4);
    await expect(flood[5]).rejects.toMatchObject({ code: 'overloaded', retryAfterS: expect.any(Number) });
    expect(await refused([...flood, calm])).toBe(2);
    await expect(calm).resolves.toBeUndefined();
  });

  it('gives its place back where the work fails', async () => {
    const fail = () => gate.inTurn('a', () => Promise.reject(new Error('store down')));
    for (let times = 0; times < 10; times += 1) await expect(fail()).rejects.toThrow('store down');
    const after = submit('a');
    expect(begun).toEqual(['a']);
    await finish(1);
    await after;
  });
});

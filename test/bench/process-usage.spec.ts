import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { childrenOf, cpuByPart, mapParts, memoryByPart, sumOfParts } from './process-usage.ts';

const here = { name: 'here', pid: process.pid };

it('reads processor time and memory of a process, and sums those of one name', () => {
  const before = cpuByPart([here]);
  while (cpuByPart([here])['here'] === before['here']) JSON.stringify(before);
  expect(cpuByPart([here])['here']).toBeGreaterThan(before['here'] ?? Infinity);
  expect(memoryByPart([here, here])['here']).toBeGreaterThan(
    1.5 * (memoryByPart([here])['here'] ?? Infinity),
  );
});

it('finds what a process started, whatever it is called', async () => {
  const child = spawn(process.execPath, ['-e', 'process.title = "a) b"; setInterval(() => 0, 1e6)']);
  try {
    await once(child, 'spawn');
    expect(childrenOf(process.pid)).toContain(child.pid);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(childrenOf(process.pid)).not.toContain(child.pid);
});

it('maps and sums by part', () => {
  expect(mapParts({ nats: 2, proxy: 3 }, (value) => value * 2)).toEqual({ nats: 4, proxy: 6 });
  expect(sumOfParts({ nats: 2, proxy: 3 })).toBe(5);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { descendantsOf, cpuByPart, mapParts, memoryByPart, sumOfParts } from './process-usage.ts';

const here = { name: 'here', pid: process.pid };

it('reads processor time and memory of a process, and sums those of one name', () => {
  const before = cpuByPart([here]);
  while (cpuByPart([here])['here'] === before['here']) JSON.stringify(before);
  expect(cpuByPart([here])['here']).toBeGreaterThan(before['here'] ?? Infinity);
  expect(memoryByPart([here, here])['here']).toBeGreaterThan(
    1.5 * (memoryByPart([here])['here'] ?? Infinity),
  );
});

it('finds what a process started, and what that started, whatever it is called', async () => {
  const named = 'process.title = "a) b"; console.log(process.pid); setInterval(() => 0, 1e6)';
  const script = `"$0" -e '${named}' & wait`;
  const shell = spawn('/bin/sh', ['-c', script, process.execPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(shell.stdout.setEncoding('utf8'), 'data');
  const grandchild = Number(said);
  try {
    expect(descendantsOf(process.pid)).toEqual(expect.arrayContaining([shell.pid, grandchild]));
  } finally {
    process.kill(grandchild, 'SIGKILL');
    await once(shell, 'exit');
  }
  expect(descendantsOf(process.pid)).not.toContain(shell.pid);
});

it('maps and sums by part', () => {
  expect(mapParts({ nats: 2, proxy: 3 }, (value) => value * 2)).toEqual({ nats: 4, proxy: 6 });
  expect(sumOfParts({ nats: 2, proxy: 3 })).toBe(5);
});

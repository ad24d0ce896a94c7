import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const starter = (program: string): string => `
  import { RunningProgram } from ${JSON.stringify(new URL('./running-program.ts', import.meta.url).href)};
  const program = new RunningProgram({ program: ${JSON.stringify(process.execPath)}, args: ['-e', ${JSON.stringify(program)}], env: {} });
  process.stdout.write(program.pid + '\\n');
`;

describe('a program of the stack', () => {
  it('ends when who started it was killed', async () => {
    const args = ['--input-type=module', '-e', starter('setInterval(() => undefined, 1000)')];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 12_000 }).toBe(false);
  });
});

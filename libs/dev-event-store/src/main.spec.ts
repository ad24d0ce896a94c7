import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

interface Program {
  readonly folder: string;
  readonly child: ChildProcessByStdio<null, Readable, null>;
  /** Exit code, and the signal that ended it. */
  readonly exited: Promise<unknown[]>;
}

const startProgram = (): Program => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-dev-store-'));
  const main = join(import.meta.dirname, 'main.ts');
  const args = ['--conditions=@countersign/source', main, '--data', folder, '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true });
  });
  return { folder, child, exited };
};

describe('the program', { timeout: 60_000 }, () => {
  it('says where it is and what it is, and stops on SIGTERM', async () => {
    const { child, exited } = startProgram();
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 2) child.kill('SIGTERM');
    }
    expect(lines[0]).toMatch(/esdb:\/\/127\.0\.0\.1:[1-9]\d*\?tls=false$/);
    expect(lines[1]).toContain('for tests and development');
    expect(await exited).toEqual([0, null]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops as cleanly on %s while it starts', async (signal) => {
    const { folder, child, exited } = startProgram();
    await vi.waitFor(() => expect(existsSync(join(folder, 'lock.db'))).toBe(true), { timeout: 30_000 });
    child.kill(signal);
    child.kill(signal);
    child.stdout.resume();
    expect(await exited).toEqual([0, null]);
  });
});

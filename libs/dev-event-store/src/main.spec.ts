import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';

describe('the program', () => {
  it('says where it is and what it is, and stops on SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-dev-store-'));
    const main = join(import.meta.dirname, 'main.ts');
    const args = ['--conditions=@countersign/source', main, '--data', folder, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 2) child.kill('SIGTERM');
    }
    expect(lines[0]).toMatch(/esdb:\/\/127\.0\.0\.1:[1-9]\d*\?tls=false$/);
    expect(lines[1]).toContain('for tests and development');
    if (child.exitCode === null) await once(child, 'exit');
    expect([child.exitCode, child.signalCode]).toEqual([0, null]);
  });
});

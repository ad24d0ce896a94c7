import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { natsServerPath } from '@countersign/testing';
import { summarize } from './statistics.ts';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly nats: string;
  /** Median of a 4 KB write made durable in the folder that the logs lie in. */
  readonly fdatasyncMs: number;
  /** Of the last minute before the run: what else the machine had to do. */
  readonly loadBefore: number;
}

export const describeMachine = (folder: string): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  nats: execFileSync(natsServerPath(), ['--version'], { encoding: 'utf8' }).trim(),
  fdatasyncMs: fdatasyncMs(join(folder, 'fdatasync')),
  loadBefore: loadavg()[0] ?? Number.NaN,
});

const fdatasyncMs = (path: string): number => {
  const file = openSync(path, 'w');
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, Buffer.alloc(4_096, 1));
    const startedMs = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedMs;
  });
  closeSync(file);
  rmSync(path);
  return summarize(times).p50;
};

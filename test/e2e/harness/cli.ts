import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Countersign } from './countersign.ts';
import { inRoot, NODE } from './countersign-process.ts';

export interface CliEnding {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly ended: Promise<CliEnding>;
  /** The first group of the pattern, as soon as it is said on standard error. */
  said(pattern: RegExp): Promise<string>;
}

/** `countersign <args>` in a terminal of its own, talking to this Countersign. */
export const startCli = (
  { address, dataFolder }: Pick<Countersign, 'address' | 'dataFolder'>,
  args: readonly string[],
  cwd?: string,
): RunningCli => {
  const { PATH = '/usr/bin:/bin' } = process.env;
  const child = spawn(NODE, [inRoot('apps/cli/bin/countersign.mjs'), ...args], {
    env: { PATH, COUNTERSIGN_URL: address, COUNTERSIGN_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]: unknown[]) => ({
    code: typeof code === 'number' ? code : null,
    stdout,
    stderr,
  }));
  const said = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stderr)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`It ended without saying ${pattern}:\n${stderr}`)));
    });
  return { ended, said };
};

export const cli = (
  countersign: Pick<Countersign, 'address' | 'dataFolder'>,
  ...args: readonly string[]
): Promise<CliEnding> => startCli(countersign, args).ended;

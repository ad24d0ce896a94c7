import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { summarize } from './statistics.ts';

export interface RebuildRates {
  readonly events: number;
  /** Events per second, medians. */
  readonly floor: number;
  readonly replay: number;
  readonly rebuild: number;
}

const main = fileURLToPath(new URL('rebuild.ts', import.meta.url));
const runFile = promisify(execFile);

/** Of a stopped process's log, in a process of its own. */
export const rebuildRates = async (
  events: number,
  dataFolder: string,
  rounds: number,
): Promise<RebuildRates> => {
  const args = ['--no-warnings', main, dataFolder, String(rounds)];
  const { stdout } = await runFile(process.execPath, args);
  const rates = JSON.parse(stdout) as Record<'floor' | 'replay' | 'rebuild', number[]>;
  const median = (values: readonly number[]): number => summarize(values).p50;
  return {
    events,
    floor: median(rates.floor),
    replay: median(rates.replay),
    rebuild: median(rates.rebuild),
  };
};

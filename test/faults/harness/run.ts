import { it } from 'vitest';
import { FaultReport } from './report.ts';
import { Seed } from './seed.ts';
import { readFaultSettings, type FaultSettings } from './settings.ts';

export interface FaultRun {
  readonly seed: Seed;
  readonly report: FaultReport;
  readonly settings: FaultSettings;
  /** Progress, for who waits for the long form. */
  tell(line: string): void;
}

export interface FaultTestOptions {
  /** Of the short form; the long one has an hour and a half unless told. */
  readonly timeoutMs: number;
  readonly longTimeoutMs?: number;
  /** Only in the long form. */
  readonly longOnly?: boolean;
}

const SHORT_SEED = 20_261_120;
const LONG_MS = 5_400_000;

export const faultSettings = readFaultSettings();

const seedOf = ({ long, seed }: FaultSettings): number =>
  seed ?? (long ? Math.floor(Math.random() * 0xffffffff) : SHORT_SEED);

/**
 * A test that injects faults. Passing or failing, it says which seed it ran with and what it injected; a failure
 * says how to run the same again.
 */
export const faultTest = (
  title: string,
  { timeoutMs, longTimeoutMs = LONG_MS, longOnly = false }: FaultTestOptions,
  body: (run: FaultRun) => Promise<void>,
): void => {
  const { long } = faultSettings;
  if (longOnly && !long) return;
  it(title, { timeout: long ? longTimeoutMs : timeoutMs }, async () => {
    const seed = new Seed(seedOf(faultSettings));
    const report = new FaultReport();
    const tell = (line: string): void => console.log(`${title}: ${line}`);
    tell(`seed ${seed.value}`);
    try {
      await body({ seed, report, settings: faultSettings, tell });
    } catch (cause) {
      throw new Error(`${messageOf(cause)}\n${report.toString()}\n${replay(title, seed)}`, { cause });
    }
    tell(`${report.toString()}; seed ${seed.value}`);
  });
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const replay = (title: string, { value }: Seed): string => {
  const form = faultSettings.long ? '' : ' --short';
  return `Run it again: npm run test:faults --${form} --seed ${value} --only '${title}'`;
};

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogFile } from '../e2e/harness/log-file.ts';
import { fillLog } from './fill-log.ts';
import { startInstance } from './instance.ts';
import { Journey } from './journeys.ts';
import { RawHttp } from './raw-http.ts';
import { threadTemplate, type ThreadTemplate } from './template.ts';

const SETTLE_MS = 100;
const QUIET_LOOKS = 5;

/**
 * A data folder for each size of log, in ascending order: the same log, copied whenever it has grown to the
 * next size. What ran first in it gave the threads that it was filled with.
 */
export const makeLogs = async (
  folder: string,
  sizes: readonly number[],
  { main, tell }: { readonly main: string | undefined; readonly tell: (what: string) => void },
): Promise<ReadonlyMap<number, string>> => {
  const growing = mkdtempSync(join(folder, 'growing-'));
  const templates = await liveThreads(growing, main);
  const logs = new Map<number, string>();
  for (const events of sizes) {
    const startedMs = performance.now();
    await fillLog(growing, templates, events);
    tell(`log of ${events.toLocaleString('en')} events (${Math.round(performance.now() - startedMs)} ms)`);
    const copy = join(folder, `log-${events}`);
    // Keys are refused where their modes aren't kept.
    execFileSync('cp', ['-a', growing, copy]);
    logs.set(events, copy);
  }
  rmSync(growing, { recursive: true });
  return logs;
};

/** Threads that came to their end in a real process: one approved by a person, one permitted at once. */
const liveThreads = async (dataFolder: string, main: string | undefined): Promise<ThreadTemplate[]> => {
  const instance = await startInstance({ dataFolder, main });
  try {
    const http = await RawHttp.open(instance.address);
    const journey = new Journey(http, instance.tokens);
    const ids = [await journey.live('export'), await journey.live('stagingRead')];
    http.close();
    await settled(dataFolder);
    const events = new LogFile(dataFolder).events();
    return ids.map((id) => threadTemplate(id, events));
  } finally {
    await instance.stop();
  }
};

const settled = async (dataFolder: string): Promise<void> => {
  const log = new LogFile(dataFolder);
  let length = 0;
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet += 1) {
    await delay(SETTLE_MS);
    if (log.events().length === length) continue;
    length = log.events().length;
    quiet = 0;
  }
};

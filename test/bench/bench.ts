import { join } from 'node:path';
import { folderMb } from './disk-usage.ts';
import { Generator } from './generator-task.ts';
import { startFloor, startInstance, type Instance } from './instance.ts';
import type { WorkloadName } from './journeys.ts';
import { benchChat } from './chat/bench.ts';
import { makeLogs } from './logs.ts';
import { describeMachine } from './machine.ts';
import { measureInTurns, warmUp, type NamedTarget } from './measurement.ts';
import { CHAT_ROWS, type Options, type Row } from './options.ts';
import { memoryByPart, sumOfParts } from './process-usage.ts';
import { rebuildRates, type RebuildRates } from './rebuild-rates.ts';
import type { LatencyRow, Report, StartUp, ThroughputRow } from './report.ts';
import type { Tell } from './session.ts';

const LATENCIES: readonly { readonly row: Row; readonly name: string; readonly workload: WorkloadName }[] = [
  { row: 'auto-permit', name: 'submit → auto-permit', workload: 'autoPermit' },
  { row: 'decision', name: 'decision → redeemable token', workload: 'decisionToToken' },
  { row: 'redemption', name: 'redemption', workload: 'redemption' },
];

const LOAD_ROWS: readonly Row[] = [...LATENCIES.map(({ row }) => row), 'life-cycles'];
const LOG_ROWS: readonly Row[] = [...LOAD_ROWS, 'rebuild'];

/** All that was asked for, in the given folder. */
export const bench = async (options: Options, folder: string, tell: Tell): Promise<Omit<Report, 'tookS'>> => {
  const machine = describeMachine(folder);
  const ofLogs = asks(options, LOG_ROWS) ? await onLogs(options, folder, tell) : {};
  const chat = asks(options, CHAT_ROWS) ? await benchChat(options, folder, tell) : {};
  return { machine, rebuilds: [], startUps: [], latencies: [], throughputs: [], ...ofLogs, chat };
};

const asks = ({ rows }: Options, of: readonly Row[]): boolean => of.some((row) => rows.has(row));

/** Measured side by side on logs of several sizes. */
const onLogs = async (
  options: Options,
  folder: string,
  tell: Tell,
): Promise<Pick<Report, 'rebuilds'> & Partial<UnderLoad>> => {
  const logs = await makeLogs(folder, options.sizes, { main: options.main, tell });
  const rebuilds = options.rows.has('rebuild') ? await rebuildAll(logs, options.rounds, tell) : [];
  if (!asks(options, LOAD_ROWS)) return { rebuilds };
  return { rebuilds, ...(await underLoad(options, logs, tell)) };
};

const rebuildAll = async (
  logs: ReadonlyMap<number, string>,
  rounds: number,
  tell: Tell,
): Promise<RebuildRates[]> => {
  const rates = [];
  for (const [events, dataFolder] of logs) {
    // Two passes of the largest log tell enough, and take long enough.
    rates.push(await rebuildRates(events, dataFolder, events >= 1_000_000 ? 1 : rounds));
    tell(`replay and rebuild of ${events.toLocaleString('en')} events`);
  }
  return rates;
};

type UnderLoad = Pick<Report, 'startUps' | 'latencies' | 'throughputs'>;

const underLoad = async (
  options: Options,
  logs: ReadonlyMap<number, string>,
  tell: Tell,
): Promise<UnderLoad> => {
  const floor = await startFloor();
  const instances = new Map<number, Instance>();
  const generator = new Generator();
  try {
    const startUps: StartUp[] = [];
    for (const [events, dataFolder] of logs) {
      const instance = await startInstance({ dataFolder, main: options.main });
      instances.set(events, instance);
      startUps.push(startUpOf(events, dataFolder, instance));
      tell(`ready on ${events.toLocaleString('en')} events`);
    }
    const targets = [
      { target: floor },
      ...[...instances].map(([events, target]): NamedTarget => ({ events, target })),
    ];
    return { startUps, ...(await measureAll(options, generator, targets, tell)) };
  } finally {
    generator.stop();
    await Promise.all([floor, ...instances.values()].map((target) => target.stop()));
  }
};

const startUpOf = (events: number, dataFolder: string, { readyMs, pid }: Instance): StartUp => ({
  events,
  readyMs,
  logMb: folderMb(join(dataFolder, 'log')),
  viewsMb: folderMb(join(dataFolder, 'views')),
  memoryMb: sumOfParts(memoryByPart([{ name: 'all-in-one', pid }])),
});

const measureAll = async (
  options: Options,
  generator: Generator,
  targets: readonly NamedTarget[],
  tell: Tell,
): Promise<Pick<UnderLoad, 'latencies' | 'throughputs'>> => {
  await warmUp(generator, targets, options.warmUpMs);
  tell('warm');
  const latencies: LatencyRow[] = [];
  for (const { row, name, workload } of LATENCIES) {
    if (!options.rows.has(row)) continue;
    const load = { kind: 'samples', samples: options.samples } as const;
    latencies.push({ name, ...(await besideFloor(generator, targets, options.rounds, workload, load)) });
    tell(name);
  }
  const throughputs: ThroughputRow[] = [];
  for (const inFlight of options.rows.has('life-cycles') ? options.inFlight : []) {
    const load = { kind: 'throughput', inFlight, durationMs: options.blockMs } as const;
    const name = `life cycles, ${inFlight} in flight`;
    throughputs.push({ name, inFlight, ...(await besideFloor(generator, targets, 1, 'lifeCycle', load)) });
    tell(name);
  }
  return { latencies, throughputs };
};

const besideFloor = async (
  generator: Generator,
  targets: readonly NamedTarget[],
  rounds: number,
  workload: WorkloadName,
  load: Parameters<Generator['run']>[0]['load'],
): Promise<Pick<LatencyRow, 'floor' | 'measured'>> => {
  const [floor, ...measured] = await measureInTurns(generator, targets, rounds, { workload, load });
  if (floor === undefined) throw new Error('There is no floor.');
  return { floor, measured };
};

import { setTimeout as delay } from 'node:timers/promises';
import { Generator } from '../generator-task.ts';
import type { WorkloadName } from '../journeys.ts';
import { describeMachine } from '../machine.ts';
import { measureInTurns, warmUp } from '../measurement.ts';
import { cpuByPart, mapParts, memoryByPart, type ByPart } from '../process-usage.ts';
import type { Tell } from '../session.ts';
import type { Options } from './options.ts';
import type { AtRest, Report, Row } from './report.ts';
import { startTopologies, type Topology } from './targets.ts';

const STEPS: readonly { readonly name: string; readonly workload: WorkloadName }[] = [
  { name: 'submit, durable', workload: 'submission' },
  { name: 'submit → auto-permit', workload: 'autoPermit' },
  { name: 'submit → held', workload: 'submitToHeld' },
  { name: 'decide', workload: 'decision' },
  { name: 'claim', workload: 'claim' },
  { name: 'redeem', workload: 'redemption' },
  { name: 'report', workload: 'outcome' },
];

/** All topologies side by side, in turns. */
export const bench = async (options: Options, folder: string, tell: Tell): Promise<Omit<Report, 'tookS'>> => {
  const machine = describeMachine(folder);
  const topologies: Topology[] = [];
  const generator = new Generator();
  try {
    await startTopologies(folder, (started) => {
      topologies.push(started);
      tell(`ready: ${started.name}`);
    });
    return { machine, ...(await measure(options, generator, topologies, tell)) };
  } finally {
    generator.stop();
    await Promise.all(topologies.map(({ target }) => target.stop()));
  }
};

const measure = async (
  options: Options,
  generator: Generator,
  topologies: readonly Topology[],
  tell: Tell,
): Promise<Omit<Report, 'machine' | 'tookS'>> => {
  await warmUp(generator, topologies, options.warmUpMs);
  tell('warm');
  const row = async (name: string, ...what: RowSettings): Promise<Row> => {
    const measured = await measureInTurns(generator, topologies, 1, { workload: what[0], load: what[1] });
    tell(name);
    return { name, measured };
  };
  const { samples, withinMs, blockMs: durationMs } = options;
  const steps: Row[] = [];
  for (const { name, workload } of STEPS)
    steps.push(await row(name, workload, { kind: 'samples', samples, withinMs }));
  const lifeCycles: Row[] = [];
  for (const inFlight of options.inFlight)
    lifeCycles.push(
      await row(`${inFlight} in flight`, 'lifeCycle', {
        kind: 'throughput',
        inFlight,
        durationMs,
        countsUnavailable: true,
      }),
    );
  const atRest = await rest(topologies, options.restMs);
  tell('at rest');
  return { topologies: topologies.map(({ name }) => name), steps, lifeCycles, atRest };
};

type RowSettings = [WorkloadName, Parameters<Generator['run']>[0]['load']];

/** What all of them use while nobody asks anything. */
const rest = async (topologies: readonly Topology[], restMs: number): Promise<AtRest[]> => {
  const use = (): ByPart[] => topologies.map(({ target }) => cpuByPart(target.parts));
  const before = use();
  const startedMs = performance.now();
  await delay(restMs);
  const elapsedMs = performance.now() - startedMs;
  return use().map((after, index) => ({
    cpuShare: mapParts(after, (cpuMs, part) => (cpuMs - (before[index]?.[part] ?? 0)) / elapsedMs),
    memoryMb: memoryByPart(topologies[index]?.target.parts ?? []),
  }));
};

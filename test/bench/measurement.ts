import type { Generator, Load } from './generator-task.ts';
import type { Target } from './instance.ts';
import type { WorkloadName } from './journeys.ts';
import { summarize, type Summary } from './statistics.ts';

/** What is measured, and the floor beside it (`events` is absent). */
export interface NamedTarget {
  readonly events?: number;
  readonly target: Target;
}

export interface Measured {
  readonly events: number | undefined;
  readonly latencyMs: Summary;
  /** Of a throughput; of latencies it means nothing. */
  readonly perSecond: number;
}

/** Once there and once back over all targets, so that what drifts meets each alike (ABBA). */
const thereAndBack = <Item>(items: readonly Item[], rounds: number): readonly Item[] =>
  Array.from({ length: rounds }, () => [...items, ...items.toReversed()]).flat();

/** One workload on every target, in turns. */
export const measureInTurns = async (
  generator: Generator,
  targets: readonly NamedTarget[],
  rounds: number,
  {
    workload,
    load,
  }: { readonly workload: WorkloadName; readonly load: Parameters<Generator['run']>[0]['load'] },
): Promise<Measured[]> => {
  const loads = new Map<NamedTarget, Load[]>(targets.map((named) => [named, []]));
  for (const named of thereAndBack(targets, rounds)) {
    const { address, tokens } = named.target;
    loads.get(named)?.push(await generator.run({ address, tokens, workload, load }));
  }
  return [...loads].map(([{ events }, done]) => {
    const latenciesMs = done.flatMap((load) => load.latenciesMs);
    const elapsedMs = done.reduce((sum, load) => sum + load.elapsedMs, 0);
    return { events, latencyMs: summarize(latenciesMs), perSecond: (latenciesMs.length / elapsedMs) * 1_000 };
  });
};

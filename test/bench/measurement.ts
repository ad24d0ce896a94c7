import { setTimeout as delay } from 'node:timers/promises';
import type { Generator, Load } from './generator-task.ts';
import type { Target } from './instance.ts';
import type { WorkloadName } from './journeys.ts';
import { cpuByPart, mapParts, type ByPart } from './process-usage.ts';
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
  /** How many met a 503, where those are counted. */
  readonly unavailable: number;
  /** Of a throughput: processor time of each, by the target's parts. */
  readonly cpuMs: ByPart;
}

interface Turn {
  readonly load: Load;
  readonly cpuMs: ByPart;
}

/** What a load leaves behind, cards above all, is a part of what it costs. */
const SETTLE_MS = 500;

/** Once there and once back over all targets, so that what drifts meets each alike (ABBA). */
const thereAndBack = <Item>(items: readonly Item[], rounds: number): readonly Item[] =>
  Array.from({ length: rounds }, () => [...items, ...items.toReversed()]).flat();

interface WhatLoad {
  readonly workload: WorkloadName;
  readonly load: Parameters<Generator['run']>[0]['load'];
}

/** One workload on every target, in turns. */
export const measureInTurns = async (
  generator: Generator,
  targets: readonly NamedTarget[],
  rounds: number,
  what: WhatLoad,
): Promise<Measured[]> => {
  const turns = new Map<NamedTarget, Turn[]>(targets.map((named) => [named, []]));
  for (const named of thereAndBack(targets, rounds)) {
    turns.get(named)?.push(await takeTurn(generator, named.target, what));
  }
  return [...turns].map(([{ events }, done]) => ({ events, ...together(done) }));
};

const takeTurn = async (
  generator: Generator,
  { address, tokens, parts = [] }: Target,
  what: WhatLoad,
): Promise<Turn> => {
  const before = cpuByPart(parts);
  const load = await generator.run({ address, tokens, ...what });
  if (what.load.kind === 'throughput' && parts.length > 0) await delay(SETTLE_MS);
  return { load, cpuMs: mapParts(cpuByPart(parts), (after, part) => after - (before[part] ?? 0)) };
};

const together = (turns: readonly Turn[]): Omit<Measured, 'events'> => {
  const latenciesMs = turns.flatMap(({ load }) => load.latenciesMs);
  const elapsedMs = turns.reduce((sum, { load }) => sum + load.elapsedMs, 0);
  const cpuMs = (part: string): number => turns.reduce((sum, turn) => sum + (turn.cpuMs[part] ?? 0), 0);
  return {
    latencyMs: summarize(latenciesMs),
    perSecond: (latenciesMs.length / elapsedMs) * 1_000,
    unavailable: turns.reduce((sum, { load }) => sum + load.unavailable, 0),
    cpuMs: mapParts(turns[0]?.cpuMs ?? {}, (_, part) => cpuMs(part) / latenciesMs.length),
  };
};

/** What is compiled while it runs is compiled before it is measured. */
export const warmUp = async (
  generator: Generator,
  targets: readonly NamedTarget[],
  durationMs: number,
): Promise<void> => {
  for (const { target } of targets) {
    for (const workload of ['lifeCycle', 'autoPermit'] as const) {
      const load = {
        kind: 'throughput',
        inFlight: 8,
        durationMs: durationMs / 2,
        countsUnavailable: true,
      } as const;
      await generator.run({ address: target.address, tokens: target.tokens, workload, load });
    }
  }
};

import { setTimeout as delay } from 'node:timers/promises';
import type { Task, TaskResult } from './generator-task.ts';
import { Journey, Unavailable, WORKLOADS, type Measured } from './journeys.ts';
import { RawHttp } from './raw-http.ts';

// The load, in a process of its own on the same cores: run by `Generator`, told over the IPC channel.

/** So that a call isn't billed for what the call before it set going and nobody waited for. */
const GAP_MS = 4;
const QUIET_MS = 150;

const onLanes = async <Result>(
  { address, tokens }: Task,
  lanes: number,
  work: (journey: Journey) => Promise<Result>,
): Promise<Result[]> => {
  const connections = await Promise.all(Array.from({ length: lanes }, () => RawHttp.open(address)));
  try {
    return await Promise.all(connections.map((http) => work(new Journey(http, tokens))));
  } finally {
    for (const http of connections) http.close();
  }
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

/** One at a time, each with quiet before it: made ready in the first half of the time, measured in the second. */
const latencies = (
  task: Task,
  { samples, withinMs = Infinity }: Extract<Task['load'], { kind: 'samples' }>,
): Promise<number[][]> =>
  onLanes(task, 1, async (journey) => {
    const startedMs = performance.now();
    const isTime = (shareOfIt: number): boolean => performance.now() - startedMs < withinMs * shareOfIt;
    const prepared: Measured[] = [];
    while (prepared.length < samples && (prepared.length === 0 || isTime(0.5)))
      prepared.push(await WORKLOADS[task.workload](journey));
    await delay(QUIET_MS);
    const latenciesMs: number[] = [];
    for (const measured of prepared) {
      if (latenciesMs.length > 0 && !isTime(1)) break;
      latenciesMs.push(await timed(measured));
      await delay(GAP_MS);
    }
    return latenciesMs;
  });

/** As many as go in the time, each lane one after the other; undefined is one that met a 503. */
const throughput = (
  task: Task,
  { inFlight, durationMs, countsUnavailable }: Extract<Task['load'], { kind: 'throughput' }>,
): Promise<(number | undefined)[][]> => {
  const untilMs = performance.now() + durationMs;
  const orUnavailable = (error: unknown): undefined => {
    if (countsUnavailable !== true || !(error instanceof Unavailable)) throw error;
  };
  return onLanes(task, inFlight, async (journey) => {
    const latenciesMs = [];
    while (performance.now() < untilMs) {
      latenciesMs.push(await timed(await WORKLOADS[task.workload](journey)).catch(orUnavailable));
    }
    return latenciesMs;
  });
};

const perform = async (task: Task): Promise<TaskResult> => {
  const startedMs = performance.now();
  const { load } = task;
  const lanes = await (load.kind === 'samples' ? latencies(task, load) : throughput(task, load));
  const elapsedMs = performance.now() - startedMs;
  const latenciesMs = lanes.flat().filter((latencyMs) => latencyMs !== undefined);
  return { kind: 'done', latenciesMs, elapsedMs, unavailable: lanes.flat().length - latenciesMs.length };
};

process.on('message', (task: Task) => {
  perform(task)
    .catch((error: unknown): TaskResult => ({ kind: 'failed', why: String(error) }))
    .then((result) => process.send?.(result))
    .catch(() => process.exit(1));
});

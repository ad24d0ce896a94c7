import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { faultSettings, faultTest } from '../faults/harness/run.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { describeWay, search } from './search.ts';
import { statusOf, type State } from './state.ts';
import { coveringTraces, randomTrace, type Trace } from './traces.ts';
import { UseCaseRun } from './use-case-run.ts';
import { UseCaseWorld } from './use-case-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const replayed: readonly Scenario[] = SCENARIOS.filter(({ redecisions }) => redecisions === undefined);

const told = ({ log }: State, answer: string | undefined): string =>
  `${[log.review, log.grant, statusOf(log)].map(String).join('|')} ${answer}`;

/** The first step at which the use cases do otherwise than the model, if any. */
const difference = async (run: UseCaseRun, trace: Trace): Promise<string | undefined> => {
  for (const [index, { step, to, answer }] of trace.entries()) {
    const really = await run.step(step);
    const found = `${await run.words()} ${really}`;
    if (found !== told(to, answer))
      return `${describeWay(trace.slice(0, index + 1))}: ${told(to, answer)}, really ${found}`;
  }
  return undefined;
};

const replay = async (scenario: Scenario, traces: readonly Trace[]): Promise<void> => {
  const world = await UseCaseWorld.of(scenario, folder);
  const differing: string[] = [];
  for (const trace of traces) {
    const run = await UseCaseRun.begin(world);
    const found = await difference(run, trace);
    run.end();
    if (found !== undefined) differing.push(found);
  }
  const steps = traces.reduce((sum, trace) => sum + trace.length, 0);
  console.log(`replayed: ${traces.length} traces, ${steps} steps: ${scenario.name}`);
  expect(differing).toEqual([]);
};

describe.each(replayed)('the real use cases of two replicas over one store: $name', (scenario) => {
  it('do what the model says, in traces that take each kind of step', async () => {
    await replay(scenario, coveringTraces(search({ scenario })));
  }, 60_000);

  faultTest(
    'do what the model says, in long random traces',
    { timeoutMs: 60_000 },
    async ({ seed, report }) => {
      const draws = seed.fork(scenario.name);
      const traces = Array.from({ length: faultSettings.long ? 1_000 : 10 }, () =>
        randomTrace(scenario, draws),
      );
      const steps = traces.flat();
      report.injected('crash of a replica', steps.filter(({ step }) => step.kind === 'crashes').length);
      report.injected('lost answer', steps.filter(({ step }) => step.kind.endsWith('is lost')).length);
      await replay(scenario, traces);
    },
  );
});

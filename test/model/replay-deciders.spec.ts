import { describe, expect, it, vi } from 'vitest';
import { brokenIn } from './invariants.ts';
import type { Defect } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { RealSchedule, type RealState } from './real-schedule.ts';
import { describeWay, search } from './search.ts';
import { statusOf, type State } from './state.ts';

// Pure computation, which takes as long as the machine wants.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const replayed: readonly Scenario[] = SCENARIOS.filter(({ redecisions }) => redecisions === undefined);

const told = ({ log }: State): string => [log.review, log.grant, statusOf(log)].map(String).join('|');

/** What a replica holds in its hands, so that a decision that was never appended is compared too. */
const held = (replicas: readonly ({ readonly answer: string } | undefined)[]): string =>
  replicas.map((pending) => pending?.answer ?? '-').join();

/** Every transition out of every state, each taken once by the real deciders on real events. */
const differences = (scenario: Scenario, defect?: Defect) => {
  // What a mistake makes possible may have no end; the first log that breaks a rule is enough.
  const isBroken = ({ log }: State): boolean => defect !== undefined && brokenIn(log, scenario) !== undefined;
  const found = search({ scenario, defect }, isBroken);
  const schedule = new RealSchedule(scenario);
  const reals: RealState[] = [schedule.start];
  const differing: string[] = [];
  for (const edge of found.edges.flat()) {
    const from = reals[edge.from]!;
    const { real, answer } = schedule.run(from, found.states[edge.from]!, edge.step);
    if (edge.isFirst) reals[edge.toIndex] = real;
    const pending = real.replicas.map((each) => each?.verdict);
    const really = `${schedule.words(real.log)} ${held(pending)} ${answer}`;
    const modelled = `${told(edge.to)} ${held(edge.to.replicas)} ${edge.answer}`;
    if (really !== modelled)
      differing.push(`${describeWay([...found.wayTo(edge.from), edge])}: ${modelled}, really ${really}`);
  }
  return { differing, transitions: found.transitions, decisions: schedule.decisions };
};

describe.each(replayed)('the real deciders, in every state of the model: $name', (scenario) => {
  it('append, answer and refuse as the model says, at every step', () => {
    const { differing, transitions, decisions } = differences(scenario);
    console.log(`replayed: ${transitions} transitions, ${decisions} decisions: ${scenario.name}`);
    expect(differing.slice(0, 3)).toEqual([]);
  });
});

describe('a model with a mistake', () => {
  it.each([
    'hears one person twice',
    'seats one person twice',
    'lets the owner decide',
    'goes on after a denial',
    'takes late decisions',
  ] as const)('differs from the real deciders: a service that %s', (defect) => {
    const [, twoGroups] = SCENARIOS;
    expect(differences(twoGroups!, defect).differing).not.toEqual([]);
  });
});

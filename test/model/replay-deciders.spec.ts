import { describe, expect, it } from 'vitest';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { RealSchedule, type RealState } from './real-schedule.ts';
import { describeWay, search } from './search.ts';
import { statusOf, type State } from './state.ts';

const replayed: readonly Scenario[] = SCENARIOS.filter(({ redecisions }) => redecisions === undefined);

const told = ({ log }: State): string => [log.review, log.grant, statusOf(log)].map(String).join('|');

/** What a replica holds in its hands, so that a decision that was never appended is compared too. */
const held = (replicas: readonly ({ readonly answer: string } | undefined)[]): string =>
  replicas.map((pending) => pending?.answer ?? '-').join();

/** Every transition out of every state, each taken once by the real deciders on real events. */
const differences = (scenario: Scenario) => {
  const found = search({ scenario });
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

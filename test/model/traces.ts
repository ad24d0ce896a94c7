import type { Seed } from '../faults/harness/seed.ts';
import type { Edge, Search } from './search.ts';
import { START, statusOf } from './state.ts';
import { nameOf, type Scenario } from './scenario.ts';
import { transitions, type Transition } from './transitions.ts';

export type Trace = readonly Transition[];

/** What makes one step like another: what is done or in hand, where the request stands, what comes of it. */
const likeness = ({ states }: Search, { from, step, to, answer }: Edge): string => {
  const { log, replicas } = states[from] ?? START;
  const pending = 'replica' in step ? replicas[step.replica] : undefined;
  const command = step.kind === 'takes up' ? step.command : pending?.command;
  const isConflict =
    pending !== undefined && !pending.stands && log[pending.stream].length !== pending.expected;
  return [
    step.kind,
    command && nameOf(command),
    pending?.stands,
    isConflict,
    statusOf(log),
    statusOf(to.log),
    answer,
  ].join('|');
};

/** Traces that together take each kind of step at least once, each by a shortest way. */
export const coveringTraces = (found: Search): readonly Trace[] => {
  const firsts = new Map<string, Edge>();
  for (const edge of found.edges.flat()) {
    const like = likeness(found, edge);
    if (!firsts.has(like)) firsts.set(like, edge);
  }
  const covered = new Set<string>();
  const traces: Trace[] = [];
  for (const [like, edge] of [...firsts].toReversed()) {
    if (covered.has(like)) continue;
    const trace = [...found.wayTo(edge.from), edge];
    for (const step of trace) covered.add(likeness(found, step));
    traces.push(trace);
  }
  return traces;
};

const LONGEST = 60;

/** Any way through the model, drawn from the seed. Time and crashes are drawn seldom, or little else would happen. */
export const randomTrace = (scenario: Scenario, seed: Seed): Trace => {
  const trace: Transition[] = [];
  let state = START;
  while (trace.length < LONGEST) {
    const all = transitions({ scenario }, state);
    const lively = all.filter(({ step }) => step.kind === 'takes up' || step.kind.startsWith('appends'));
    const next = seed.pick(seed.chance(0.8) && lively.length > 0 ? lively : all);
    trace.push(next);
    state = next.to;
  }
  return trace;
};

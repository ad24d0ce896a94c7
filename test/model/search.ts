import { keyOf, START, type State } from './state.ts';
import { describeStep, transitions, type Transition, type World } from './transitions.ts';

export interface Edge extends Transition {
  readonly from: number;
  /** Where it leads, among the states. */
  readonly toIndex: number;
  /** Whether it was the first to get there: by these each state has one shortest way from the start. */
  readonly isFirst: boolean;
}

export interface Search {
  readonly states: readonly State[];
  /** By the state from which they lead. */
  readonly edges: readonly (readonly Edge[])[];
  readonly transitions: number;
  /** The shortest way to a state. */
  readonly wayTo: (index: number) => readonly Edge[];
}

export class ModelTooLarge extends Error {}

/**
 * Every reachable state, breadth first, so that each is found by a shortest way. `stop` ends it early, at
 * the first state in which it holds.
 */
export const search = (world: World, stop: (state: State) => boolean = () => false): Search => {
  const states: State[] = [START];
  const indices = new Map([[keyOf(START), 0]]);
  const firsts: (Edge | undefined)[] = [undefined];
  const edges: Edge[][] = [];
  let count = 0;
  for (let from = 0; from < states.length; from += 1) {
    const state = states[from] ?? START;
    const found: Edge[] = [];
    edges.push(found);
    if (stop(state)) break;
    for (const transition of transitions(world, state)) {
      const key = keyOf(transition.to);
      const known = indices.get(key);
      const toIndex = known ?? states.length;
      const edge = { ...transition, from, toIndex, isFirst: known === undefined };
      found.push(edge);
      count += 1;
      if (known !== undefined) continue;
      indices.set(key, toIndex);
      states.push(transition.to);
      firsts.push(edge);
    }
  }
  const wayTo = (index: number): readonly Edge[] => {
    const edge = firsts[index];
    return edge === undefined ? [] : [...wayTo(edge.from), edge];
  };
  return { states, edges, transitions: count, wayTo };
};

/** What a failure prints. */
export const describeWay = (way: readonly Pick<Edge, 'step' | 'answer'>[]): string =>
  way
    .map(({ step, answer }) => describeStep(step) + (answer === undefined ? '' : ` (${answer})`))
    .join(' → ');

import { decide, type Defect, type Verdict } from './rules.ts';
import { DAY, type Command, type Scenario } from './scenario.ts';
import { find, reviewEnd, type Log, type Pending, type State, type Stream } from './state.ts';

/** What the schedule does next. */
export type Step =
  | { readonly kind: 'a minute passes' | 'a day passes' | 'policy forbids it' }
  | { readonly kind: 'takes up'; readonly replica: 0 | 1; readonly command: Command }
  | { readonly kind: 'appends' | 'appends, and the answer is lost' | 'crashes'; readonly replica: 0 | 1 };

export interface Transition {
  readonly step: Step;
  readonly to: State;
  /** What the caller hears, where this step answers. */
  readonly answer?: string;
}

export interface World {
  readonly scenario: Scenario;
  readonly defect?: Defect | undefined;
}

const REPLICAS = [0, 1] as const;

const withReplica = (state: State, replica: 0 | 1, pending: Pending | undefined): State => ({
  ...state,
  replicas: replica === 0 ? [pending, state.replicas[1]] : [state.replicas[0], pending],
});

const withEvents = (log: Log, stream: Stream, events: readonly string[]): Log => ({
  ...log,
  [stream]: [...log[stream], ...events],
});

const passes = ({ scenario }: World, state: State): readonly Transition[] => {
  const { minute, lapsed, log } = state;
  const isSpent = find(log.grant, 'redeemed') !== undefined;
  const found: Transition[] = [];
  if (minute < scenario.minutes)
    found.push({ step: { kind: 'a minute passes' }, to: { ...state, minute: minute + 1 } });
  if (isSpent && minute < DAY)
    found.push({ step: { kind: 'a day passes' }, to: { ...state, minute: minute + DAY } });
  if (scenario.lapses && !lapsed && reviewEnd(log) === 'approved') {
    found.push({ step: { kind: 'policy forbids it' }, to: { ...state, lapsed: true } });
  }
  return found;
};

/** A token is held by whoever was given it; there is none to redeem before the claim. */
const isPossible = ({ log }: State, { does }: Command): boolean =>
  does !== 'redeem' || log.grant.includes('token');

interface Deciding {
  readonly command: Command;
  readonly conflicts: number;
  /** Settled before: this is only done on the way to that answer. */
  readonly answer?: string;
}

/** Reads, decides, and holds the append in hand; or answers. */
const reads = (world: World, state: State, { command, conflicts, answer }: Deciding): Pending | string => {
  const facts = { scenario: world.scenario, defect: world.defect, state };
  const verdict: Verdict = decide(facts, command);
  if (verdict.kind === 'appends') {
    const { stream, events } = verdict;
    const expected = state.log[stream].length;
    return { command, stream, expected, events, answer: answer ?? verdict.answer, conflicts, stands: false };
  }
  if (verdict.first === undefined) return answer ?? verdict.answer;
  return reads(world, state, { command: { does: verdict.first }, conflicts: 0, answer: verdict.answer });
};

const settle = (
  step: Extract<Step, { replica: 0 | 1 }>,
  state: State,
  outcome: Pending | string,
): Transition =>
  typeof outcome === 'string'
    ? { step, to: withReplica(state, step.replica, undefined), answer: outcome }
    : { step, to: withReplica(state, step.replica, outcome) };

const isKeeping = ({ does }: Command): boolean => does === 'keep the review' || does === 'keep the grant';

const meetsConflict = (world: World, state: State, replica: 0 | 1, pending: Pending): Transition => {
  const step = { kind: 'appends', replica } as const;
  const { redecisions } = world.scenario;
  const conflicts = redecisions === undefined ? 0 : pending.conflicts + 1;
  if (conflicts > (redecisions ?? Infinity)) return settle(step, state, 'too_much_contention');
  const { command } = pending;
  const answer = isKeeping(command) ? { answer: pending.answer } : {};
  return settle(step, state, reads(world, state, { command, conflicts, ...answer }));
};

/** The append arrives: it meets its own events, somebody else's, or the end of the stream that it expects. */
const arrives = (world: World, state: State, replica: 0 | 1, pending: Pending): readonly Transition[] => {
  const { stream, events, expected, stands } = pending;
  const appended = { ...state, log: withEvents(state.log, stream, events) };
  const step = { kind: 'appends', replica } as const;
  if (stands) {
    const doubled = world.defect === 'sends again as new what was lost';
    return [settle(step, doubled ? appended : state, pending.answer)];
  }
  const isFree = state.log[stream].length === expected;
  if (!isFree && world.defect !== 'appends without looking at the revision') {
    return [meetsConflict(world, state, replica, pending)];
  }
  const lost = { kind: 'appends, and the answer is lost', replica } as const;
  return [
    settle(step, appended, pending.answer),
    { step: lost, to: withReplica(appended, replica, { ...pending, stands: true }) },
  ];
};

const ofReplica = (world: World, state: State, replica: 0 | 1): readonly Transition[] => {
  const pending = state.replicas[replica];
  if (pending !== undefined) {
    const crash = { step: { kind: 'crashes', replica }, to: withReplica(state, replica, undefined) } as const;
    return [...arrives(world, state, replica, pending), crash];
  }
  return world.scenario.commands
    .filter((command) => isPossible(state, command))
    .map((command) =>
      settle({ kind: 'takes up', replica, command }, state, reads(world, state, { command, conflicts: 0 })),
    );
};

/** Everything that may happen next. Reading and deciding is one step, appending another: races lie between. */
export const transitions = (world: World, state: State): readonly Transition[] => [
  ...passes(world, state),
  ...REPLICAS.flatMap((replica) => ofReplica(world, state, replica)),
];

export const describeStep = (step: Step): string => {
  if (!('replica' in step)) return step.kind;
  const who = step.replica === 0 ? 'one' : 'two';
  return step.kind === 'takes up'
    ? `${who} takes up ${Object.values(step.command).join(' ')}`
    : `${who} ${step.kind}`;
};

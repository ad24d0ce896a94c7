import {
  GRANT_LIVES,
  GROUPS,
  INITIATOR,
  OWNER,
  REVIEW_ENDS_AT,
  SUSPENDED,
  type Scenario,
} from './scenario.ts';
import type { Edge, Search } from './search.ts';
import {
  endsOf,
  find,
  grantEndsAt,
  hasEnded,
  kindOf,
  minuteOf,
  statusOf,
  type Log,
  type State,
} from './state.ts';

type Holds = (log: Log, scenario: Scenario) => boolean;

const decisionsIn = ({ review }: Log) =>
  review
    .filter((event) => ['approve', 'deny'].includes(kindOf(event)))
    .map((event) => ({ decision: kindOf(event), by: event.split(' ')[1] ?? '' }));

const isLast = (events: readonly string[], at: number): boolean => at === -1 || at === events.length - 1;
const isDistinct = (words: readonly string[]): boolean => new Set(words).size === words.length;

const mayTake = ({ review }: Log, { requirements }: Scenario, person: string): readonly number[] =>
  requirements.flatMap(({ group, escalatesTo }, index) => {
    const groups = [
      group,
      ...(review.includes('escalated') && escalatesTo !== undefined ? [escalatesTo] : []),
    ];
    return groups.some((each) => GROUPS[each]?.includes(person)) ? [index] : [];
  });

/** Hall's marriage theorem: any requirements together find as many distinct approvers as they have seats. */
const hasQuorum: Holds = (log, scenario) => {
  const { requirements } = scenario;
  const approvers = new Set(
    decisionsIn(log).flatMap(({ decision, by }) => (decision === 'approve' ? [by] : [])),
  );
  const eligible = [...approvers].filter((person) => ![OWNER, INITIATOR, SUSPENDED].includes(person));
  return Array.from({ length: 2 ** requirements.length }, (_, set) =>
    requirements.flatMap((_requirement, index) => ((set >> index) & 1 ? [index] : [])),
  ).every((some) => {
    const seats = some.reduce((sum, index) => sum + (requirements[index]?.quorum ?? 0), 0);
    const able = eligible.filter((person) =>
      mayTake(log, scenario, person).some((index) => some.includes(index)),
    );
    return able.length >= seats;
  });
};

/** What holds of every log. */
export const INVARIANTS: Readonly<Record<string, Holds>> = {
  'a review ends at most once, and nothing follows': ({ review }) =>
    endsOf(review, 'review').length <= 1 &&
    isLast(
      review,
      review.findIndex((event) => endsOf([event], 'review').length > 0),
    ),
  'an approval rests on its quorum of distinct eligible persons': (log, scenario) =>
    find(log.review, 'approved') === undefined || hasQuorum(log, scenario),
  'nobody decides for what is theirs, or without a seat to take': (log, scenario) =>
    decisionsIn(log).every(
      ({ by }) => ![OWNER, INITIATOR, SUSPENDED].includes(by) && mayTake(log, scenario, by).length > 0,
    ),
  'nobody is heard twice': (log) => isDistinct(decisionsIn(log).map(({ by }) => by)),
  'a denial ends it': ({ review }) =>
    find(review, 'deny') === undefined ||
    (review.at(-1) === 'denied' && kindOf(review.at(-2) ?? '') === 'deny'),
  'an approval comes in time': ({ review }) => minuteOf(find(review, 'approved') ?? '@0') < REVIEW_ENDS_AT,
  'no grant without an approval': ({ review, grant }) =>
    grant.length === 0 || find(review, 'approved') !== undefined,
  'a grant ends at most once: one redemption, and none after a revocation or an expiry': ({ grant }) =>
    endsOf(grant, 'grant').length <= 1,
  'a redemption comes in time': (log) =>
    minuteOf(find(log.grant, 'redeemed') ?? '@0') < (grantEndsAt(log) ?? GRANT_LIVES),
  'a redemption was authorized at its moment': ({ grant }) =>
    !grant.some((event) => event.includes('though lapsed')),
  'only what came of it follows a redemption': ({ grant }) => {
    const after = grant.slice(grant.findIndex((event) => kindOf(event) === 'redeemed') + 1).map(kindOf);
    const isSpent = find(grant, 'redeemed') !== undefined;
    return !isSpent || ['', 'reported', 'unreported', 'unreported,reported'].includes(after.join());
  },
};

/** What an answer promises. */
const PROMISES: Readonly<Record<string, (log: Log) => boolean>> = {
  claimed: ({ grant }) => grant.includes('token'),
  revoked: ({ grant }) => grant.includes('revoked'),
  cancelled: ({ review }) => review.includes('cancelled'),
  reported: ({ grant }) => find(grant, 'reported') !== undefined,
};

type EdgeHolds = (edge: Edge, from: State) => boolean;

const isPrefix = (before: readonly string[], after: readonly string[]): boolean =>
  before.every((event, index) => after[index] === event);

/** What holds of every step. */
export const STEP_INVARIANTS: Readonly<Record<string, EdgeHolds>> = {
  'what stands is never taken back': ({ to }, { log }) =>
    isPrefix(log.review, to.log.review) && isPrefix(log.grant, to.log.grant),
  'what has ended stays ended, but for one late report': ({ to }, { log }) =>
    !hasEnded(log) || statusOf(log) === statusOf(to.log) || statusOf(log) === 'unreported',
  'nobody is told what does not stand': ({ to, answer }) => PROMISES[answer ?? '']?.(to.log) ?? true,
  'who is told that they may run it holds the one redemption': ({ to, step, answer }, { replicas }) => {
    if (answer !== 'redeemed' || !('replica' in step)) return true;
    const command = step.kind === 'takes up' ? step.command : replicas[step.replica]?.command;
    const id = command?.does === 'redeem' ? command.redemptionId : '';
    return find(to.log.grant, 'redeemed')?.startsWith(`redeemed ${id}@`) === true;
  },
};

/** Time and the services' own work; no person, requester or redeemer lifts a finger. */
const isUnaided = ({ step }: Edge): boolean =>
  step.kind !== 'takes up' ||
  step.command.does === 'keep the review' ||
  step.command.does === 'keep the grant';

/** States from which the request can't come to its end by itself: none, if nothing gets stuck. */
export const stuckStates = ({ states, edges }: Search): readonly number[] => {
  const cameFrom: number[][] = states.map(() => []);
  for (const edge of edges.flat()) if (isUnaided(edge)) cameFrom[edge.toIndex]?.push(edge.from);
  const reaches = new Set(states.flatMap(({ log }, index) => (hasEnded(log) ? [index] : [])));
  for (const index of reaches) for (const from of cameFrom[index] ?? []) reaches.add(from);
  return states.flatMap((_, index) => (reaches.has(index) ? [] : [index]));
};

/** Names what is broken in this log, if anything. */
export const brokenIn = (log: Log, scenario: Scenario): string | undefined =>
  Object.entries(INVARIANTS).find(([, holds]) => !holds(log, scenario))?.[0];

import {
  BOT,
  DAY,
  ESCALATES_AT,
  GROUPS,
  INITIATOR,
  OWNER,
  REVIEW_ENDS_AT,
  SUSPENDED,
  type Command,
  type Requirement,
  type Scenario,
} from './scenario.ts';
import {
  find,
  grantEnd,
  grantEndsAt,
  minuteOf,
  reviewEnd,
  type Log,
  type State,
  type Stream,
} from './state.ts';

/** Mistakes that somebody could make. The search has to find each of them out. */
export const DEFECTS = [
  'appends without looking at the revision',
  'sends again as new what was lost',
  'hears one person twice',
  'seats one person twice',
  'lets the owner decide',
  'lets the initiator decide',
  'lets anybody decide',
  'goes on after a denial',
  'counts alternatives before their time',
  'takes late decisions',
  'never expires a review',
  'opens a grant without an approval',
  'redeems what was taken back',
  'redeems what is spent',
  'redeems after the deadline',
  'does not ask policy again',
  'never expires a grant',
] as const;
export type Defect = (typeof DEFECTS)[number];

/** What a replica makes of a command, on what it has read. */
export type Verdict =
  | {
      readonly kind: 'appends';
      readonly stream: Stream;
      readonly events: readonly string[];
      readonly answer: string;
    }
  | {
      readonly kind: 'answers';
      readonly answer: string;
      /** Whoever hears "too late" finds it ended: then this is done before the answer. */
      readonly first?: 'keep the review' | 'keep the grant';
    };

export interface Facts {
  readonly scenario: Scenario;
  readonly defect: Defect | undefined;
  readonly state: Pick<State, 'minute' | 'lapsed' | 'log'>;
}

const answers = (answer: string): Verdict => ({ kind: 'answers', answer });
const onReview = (answer: string, ...events: readonly string[]): Verdict => ({
  kind: 'appends',
  stream: 'review',
  events,
  answer,
});
const onGrant = (answer: string, ...events: readonly string[]): Verdict => ({
  kind: 'appends',
  stream: 'grant',
  events,
  answer,
});

interface Seating {
  readonly requirements: readonly Requirement[];
  readonly escalated: boolean;
  readonly mayShare?: boolean;
}

const admits = ({ group, escalatesTo }: Requirement, escalated: boolean): readonly string[] => [
  ...(GROUPS[group] ?? []),
  ...(escalated && escalatesTo !== undefined ? (GROUPS[escalatesTo] ?? []) : []),
];

/** Tries every way to seat them. */
export const isFilled = (
  persons: readonly string[],
  { requirements, escalated, mayShare }: Seating,
): boolean => {
  const seats = requirements.flatMap((each) =>
    Array.from({ length: each.quorum }, () => admits(each, escalated)),
  );
  const seat = (from: number, standing: readonly string[]): boolean => {
    const admitted = seats[from];
    if (admitted === undefined) return true;
    return standing.some(
      (person, at) =>
        admitted.includes(person) && seat(from + 1, mayShare === true ? standing : standing.toSpliced(at, 1)),
    );
  };
  return seat(0, persons);
};

const isOverdue = ({ defect, state }: Facts): boolean =>
  state.minute >= REVIEW_ENDS_AT && defect !== 'takes late decisions';

const hasEscalation = ({ requirements }: Scenario): boolean =>
  requirements.some(({ escalatesTo }) => escalatesTo !== undefined);

/** The escalation that somebody has to write down by now. */
const dueEscalation = (facts: Facts): readonly string[] => {
  const { scenario, state } = facts;
  const isDue = hasEscalation(scenario) && state.minute >= ESCALATES_AT && state.minute < REVIEW_ENDS_AT;
  return isDue && reviewEnd(state.log) === undefined && !state.log.review.includes('escalated')
    ? ['escalated']
    : [];
};

const conclusion = ({ scenario, defect, state }: Facts, review: readonly string[]): readonly string[] => {
  const approvers = review.flatMap((event) => (event.startsWith('approve ') ? [event.slice(8)] : []));
  const seating = {
    requirements: scenario.requirements,
    escalated: review.includes('escalated') || defect === 'counts alternatives before their time',
    mayShare: defect === 'seats one person twice',
  };
  const all = defect === 'lets anybody decide' ? approvers.map(() => 'alice') : approvers;
  return isFilled(all, seating) ? [`approved@${state.minute}`] : [];
};

const standing = (facts: Facts, person: string): string | undefined => {
  const { scenario, defect, state } = facts;
  if (person === BOT) return 'not_human';
  if (person === SUSPENDED) return 'not_verified';
  if (person === INITIATOR && defect !== 'lets the initiator decide') return 'is_initiator';
  if (person === OWNER && defect !== 'lets the owner decide') return 'is_owner';
  const escalated = [...state.log.review, ...dueEscalation(facts)].includes('escalated');
  const isAdmitted =
    defect === 'lets anybody decide' ||
    scenario.requirements.some((each) =>
      admits(each, escalated || defect === 'counts alternatives before their time').includes(person),
    );
  return isAdmitted ? undefined : 'not_in_group';
};

const earlier = ({ defect, state }: Facts, { does, by }: Decision): Verdict | undefined => {
  if (defect === 'hears one person twice') return undefined;
  if (state.log.review.includes(`${does} ${by}`)) return answers('recorded');
  return state.log.review.some((event) => event.endsWith(` ${by}`)) ? answers('already_decided') : undefined;
};

type Decision = Extract<Command, { does: 'approve' | 'deny' }>;

const decides = (facts: Facts, command: Decision): Verdict => {
  const { defect, state } = facts;
  const refusal = standing(facts, command.by);
  if (refusal !== undefined) return answers(refusal);
  if (command.seen === 'another') return answers('digest_mismatch');
  const repeated = earlier(facts, command);
  if (repeated !== undefined) return repeated;
  if (reviewEnd(state.log) !== undefined) return answers('review_closed');
  if (isOverdue(facts)) return { kind: 'answers', answer: 'too_late', first: 'keep the review' };
  const events = [...dueEscalation(facts), `${command.does} ${command.by}`];
  if (command.does === 'deny') {
    return onReview('recorded', ...events, ...(defect === 'goes on after a denial' ? [] : ['denied']));
  }
  return onReview('recorded', ...events, ...conclusion(facts, [...state.log.review, ...events]));
};

const cancels = ({ state }: Facts): Verdict => {
  const end = reviewEnd(state.log);
  if (end === 'cancelled') return answers('cancelled');
  return end === undefined ? onReview('cancelled', 'cancelled') : answers('review_closed');
};

const keepsReview = (facts: Facts): Verdict => {
  const { defect, state } = facts;
  if (reviewEnd(state.log) !== undefined) return answers('done');
  if (state.minute >= REVIEW_ENDS_AT) {
    return defect === 'never expires a review' ? answers('done') : onReview('done', 'expired');
  }
  const escalation = dueEscalation(facts);
  if (escalation.length === 0) return answers('done');
  return onReview('done', ...escalation, ...conclusion(facts, [...state.log.review, ...escalation]));
};

const opened = ({ grant }: Log): readonly string[] => (grant.length === 0 ? ['opened'] : []);
const SPENT = { redeemed: 'already_redeemed', revoked: 'grant_revoked', expired: 'grant_expired' } as const;

const isTooLate = ({ defect, state }: Facts): boolean =>
  defect !== 'redeems after the deadline' && state.minute >= (grantEndsAt(state.log) ?? Infinity);

const isProven = ({ defect, state }: Facts): boolean =>
  reviewEnd(state.log) === 'approved' || defect === 'opens a grant without an approval';

const claims = (facts: Facts): Verdict => {
  const { log } = facts.state;
  if (!isProven(facts)) return answers('not_approved');
  const end = grantEnd(log);
  if (end !== undefined) return answers(SPENT[end]);
  if (isTooLate(facts)) return { kind: 'answers', answer: 'grant_expired', first: 'keep the grant' };
  return log.grant.includes('token') ? answers('claimed') : onGrant('claimed', ...opened(log), 'token');
};

const revokes = (facts: Facts): Verdict => {
  const { log } = facts.state;
  if (!isProven(facts)) return answers('not_approved');
  const end = grantEnd(log);
  if (end === undefined) return onGrant('revoked', ...opened(log), 'revoked');
  return answers(end === 'revoked' ? 'revoked' : SPENT[end]);
};

/** The end of the grant that a redemption heeds. */
const heeded = ({ defect, state }: Facts): ReturnType<typeof grantEnd> => {
  const end = grantEnd(state.log);
  const isIgnored =
    end === 'redeemed' ? defect === 'redeems what is spent' : defect === 'redeems what was taken back';
  return isIgnored ? undefined : end;
};

const redeems = (facts: Facts, redemptionId: string): Verdict => {
  const { defect, state } = facts;
  const { grant } = state.log;
  const end = heeded(facts);
  if (end === 'redeemed') {
    const isRepeat = find(grant, 'redeemed')?.startsWith(`redeemed ${redemptionId}@`) === true;
    return answers(isRepeat ? 'redeemed' : 'already_redeemed');
  }
  if (end !== undefined) return answers(SPENT[end]);
  if (isTooLate(facts)) return { kind: 'answers', answer: 'grant_expired', first: 'keep the grant' };
  if (state.lapsed && defect !== 'does not ask policy again') return onGrant('grant_revoked', 'revoked');
  return onGrant(
    'redeemed',
    `redeemed ${redemptionId}@${state.minute}${state.lapsed ? ' though lapsed' : ''}`,
  );
};

const keepsGrant = (facts: Facts): Verdict => {
  const { defect, state } = facts;
  const { log, minute } = state;
  const redemption = find(log.grant, 'redeemed');
  if (redemption !== undefined) {
    const isOverdue24h = minute >= minuteOf(redemption) + DAY;
    return isOverdue24h && statusOfReport(log) === undefined
      ? onGrant('done', 'unreported')
      : answers('done');
  }
  const isOver = minute >= (grantEndsAt(log) ?? Infinity) && defect !== 'never expires a grant';
  return isOver && grantEnd(log) === undefined ? onGrant('done', ...opened(log), 'expired') : answers('done');
};

const statusOfReport = ({ grant }: Log): string | undefined =>
  find(grant, 'reported') ?? find(grant, 'unreported');

const reports = ({ state }: Facts, status: string): Verdict => {
  const { grant } = state.log;
  if (find(grant, 'redeemed') === undefined) return answers('not_redeemed');
  const reported = find(grant, 'reported');
  if (reported === undefined) return onGrant('reported', `reported ${status}`);
  return answers(reported === `reported ${status}` ? 'reported' : 'already_reported');
};

/** What each command comes to; written from the design, not from the code. */
export const decide = (facts: Facts, command: Command): Verdict => {
  switch (command.does) {
    case 'approve':
    case 'deny':
      return decides(facts, command);
    case 'cancel':
      return cancels(facts);
    case 'keep the review':
      return keepsReview(facts);
    case 'claim':
      return claims(facts);
    case 'revoke':
      return revokes(facts);
    case 'redeem':
      return redeems(facts, command.redemptionId);
    case 'keep the grant':
      return keepsGrant(facts);
    case 'report':
      return reports(facts, command.status);
    default:
      return command satisfies never;
  }
};

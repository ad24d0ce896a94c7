import { GRANT_LIVES, type Command } from './scenario.ts';

export type Stream = 'review' | 'grant';

/**
 * The events of both streams, as words: `approve alice`, `deny bob`, `escalated`, `approved@1`, `denied`,
 * `expired`, `cancelled`; `opened`, `token`, `redeemed a@2`, `revoked`, `expired`, `reported succeeded`,
 * `reported failed`, `unreported`. A number is a minute, where a later decision depends on it.
 */
export type Log = Readonly<Record<Stream, readonly string[]>>;

/** A replica that has read and decided, and whose append hasn't been answered yet. */
export interface Pending {
  readonly command: Command;
  readonly stream: Stream;
  /** The length of the stream when it was read. */
  readonly expected: number;
  readonly events: readonly string[];
  /** What the caller will hear if it is accepted. */
  readonly answer: string;
  readonly conflicts: number;
  /** The events stand; only the answer was lost. */
  readonly stands: boolean;
}

export interface State {
  readonly minute: number;
  readonly lapsed: boolean;
  readonly log: Log;
  readonly replicas: readonly [Pending | undefined, Pending | undefined];
}

export const START: State = {
  minute: 0,
  lapsed: false,
  log: { review: [], grant: [] },
  replicas: [undefined, undefined],
};

const pendingKey = (pending: Pending | undefined): string =>
  pending === undefined
    ? '-'
    : [
        Object.values(pending.command).join(' '),
        pending.expected,
        pending.events.join(),
        pending.answer,
        pending.conflicts,
        pending.stands,
      ].join(';');

/** Equal where nothing tells two states apart. The replicas are alike, so it doesn't matter which of them holds what. */
export const keyOf = ({ minute, lapsed, log, replicas }: State): string =>
  [minute, lapsed, log.review.join(), log.grant.join(), ...replicas.map(pendingKey).toSorted()].join('|');

const REVIEW_ENDS = ['approved', 'denied', 'expired', 'cancelled'] as const;
const GRANT_ENDS = ['redeemed', 'revoked', 'expired'] as const;

/** `redeemed a@2` is a `redeemed`. */
export const kindOf = (event: string): string => event.split(/[ @]/)[0] ?? '';

const endOf = <End extends string>(events: readonly string[], ends: readonly End[]): End | undefined =>
  ends.find((end) => events.some((event) => kindOf(event) === end));

export const reviewEnd = ({ review }: Log) => endOf(review, REVIEW_ENDS);
export const grantEnd = ({ grant }: Log) => endOf(grant, GRANT_ENDS);
export const endsOf = (events: readonly string[], stream: Stream): readonly string[] => {
  const ends: readonly string[] = stream === 'review' ? REVIEW_ENDS : GRANT_ENDS;
  return events.filter((event) => ends.includes(kindOf(event)));
};

export const minuteOf = (event: string): number => Number(/@(\d+)/.exec(event)?.[1]);
export const find = (events: readonly string[], kind: string): string | undefined =>
  events.find((event) => kindOf(event) === kind);

/** The first minute that is too late for the grant; undefined where nothing is approved. */
export const grantEndsAt = ({ review }: Log): number | undefined => {
  const approved = find(review, 'approved');
  return approved === undefined ? undefined : minuteOf(approved) + GRANT_LIVES;
};

const grantStatus = (log: Log): string => {
  const reported = find(log.grant, 'reported');
  if (reported !== undefined) return reported.split(' ').at(-1) ?? '';
  if (log.grant.includes('unreported')) return 'unreported';
  const end = grantEnd(log);
  return end === 'expired' ? 'grant_expired' : (end ?? 'approved');
};

/** The one word for where the request stands. */
export const statusOf = (log: Log): string => {
  const end = reviewEnd(log);
  return end === 'approved' ? grantStatus(log) : (end ?? 'pending');
};

export const hasEnded = (log: Log): boolean => !['pending', 'approved', 'redeemed'].includes(statusOf(log));

import type { Enforcement } from '@countersign/domain-action';
import type { DecisionChannel, GroupObligation, Obligations } from '@countersign/domain-review';

export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];
const ENFORCEMENTS: readonly Enforcement[] = ['advisory', 'guarded', 'brokered'];

export const DEFAULT_EXPIRES_IN_MS = 60 * 60_000;
export const DEFAULT_GRANT_TTL_MS = 5 * 60_000;

/** What one matching permit asks for. */
export interface PermitObligations {
  /** Absent where this permit asks for nobody. */
  readonly approval?: GroupObligation & { readonly expiresInMs?: number };
  readonly grantTtlMs?: number;
  readonly channels: readonly string[];
  /** Each of two or more channels: the next is told where the one before could not be reached. */
  readonly failover?: readonly (readonly string[])[];
  readonly remindAfterMs?: number;
  /** Absent: anywhere. */
  readonly decideVia?: readonly DecisionChannel[];
  readonly controls: readonly string[];
  readonly enforcement?: Enforcement;
  readonly risk?: Risk;
}

type Approval = NonNullable<PermitObligations['approval']>;
type Escalation = NonNullable<GroupObligation['escalation']>;

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();

const highest = <Level>(order: readonly Level[], levels: readonly Level[]): Level | undefined =>
  order.findLast((level) => levels.includes(level));

const present = <Value>(values: readonly (Value | undefined)[]): readonly Value[] =>
  values.filter((value): value is Value & {} => value !== undefined);

/**
 * All permits hold together, so others may fill a seat only where each of them allows those others, and
 * only when the last of them does. One that would begin after the review's end is none.
 */
const mergeEscalations = (approvals: readonly Approval[], expiresInMs: number): Escalation | undefined => {
  const escalations = present(approvals.map(({ escalation }) => escalation));
  if (escalations.length < approvals.length) return undefined;
  const to = union(escalations.map((one) => one.to)).filter((group) =>
    escalations.every((one) => one.to.includes(group)),
  );
  const afterMs = Math.max(...escalations.map((one) => one.afterMs));
  return to.length === 0 || afterMs >= expiresInMs ? undefined : { afterMs, to };
};

const mergeGroups = (approvals: readonly Approval[], expiresInMs: number): readonly GroupObligation[] =>
  union([approvals.map(({ group }) => group)]).map((group) => {
    const ofGroup = approvals.filter((approval) => approval.group === group);
    const escalation = mergeEscalations(ofGroup, expiresInMs);
    return {
      group,
      quorum: Math.max(...ofGroup.map(({ quorum }) => quorum)),
      ...(escalation === undefined ? {} : { escalation }),
    };
  });

/** A channel's own name holds no `>`. */
const mergeFailover = (permits: readonly PermitObligations[]): readonly (readonly string[])[] =>
  union(permits.map(({ failover = [] }) => failover.map((chain) => chain.join('>')))).map((chain) =>
    chain.split('>'),
  );

/** Only what each of them takes; a permit that names no place takes any. */
const mergeDecideVia = (permits: readonly PermitObligations[]): readonly DecisionChannel[] | undefined => {
  const [first, ...rest] = present(permits.map(({ decideVia }) => decideVia));
  return first?.filter((place) => rest.every((places) => places.includes(place))).toSorted();
};

const shortest = (times: readonly (number | undefined)[]): number | undefined => {
  const given = present(times);
  return given.length === 0 ? undefined : Math.min(...given);
};

/**
 * The obligations of several matching permits together, the strictest of each: per group the largest
 * quorum, each group of its own, shortest times (a permit that names none counts with the default),
 * union of channels and controls, the places to decide that all have in common, strictest enforcement, highest risk. The order of permits is nothing.
 */
export const mergeObligations = (
  permits: readonly [PermitObligations, ...PermitObligations[]],
): Obligations => {
  const approvals = present(permits.map(({ approval }) => approval));
  const expiresInMs =
    approvals.length === 0
      ? DEFAULT_EXPIRES_IN_MS
      : Math.min(...approvals.map((approval) => approval.expiresInMs ?? DEFAULT_EXPIRES_IN_MS));
  const risk = highest(RISKS, present(permits.map((permit) => permit.risk)));
  const failover = mergeFailover(permits);
  const decideVia = mergeDecideVia(permits);
  const remindAfterMs = shortest(permits.map((permit) => permit.remindAfterMs));
  return {
    groups: mergeGroups(approvals, expiresInMs),
    expiresInMs,
    grantTtlMs: Math.min(...permits.map(({ grantTtlMs }) => grantTtlMs ?? DEFAULT_GRANT_TTL_MS)),
    channels: union(permits.map(({ channels }) => channels)),
    ...(failover.length === 0 ? {} : { failover }),
    ...(remindAfterMs === undefined ? {} : { remindAfterMs }),
    ...(decideVia === undefined ? {} : { decideVia }),
    controls: union(permits.map(({ controls }) => controls)),
    enforcement: highest(ENFORCEMENTS, present(permits.map(({ enforcement }) => enforcement))) ?? 'advisory',
    ...(risk === undefined ? {} : { risk }),
  };
};

import type { Enforcement } from '@countersign/domain-action';
import type { GroupObligation, Obligations } from '@countersign/domain-review';

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

/**
 * The obligations of several matching permits together, the strictest of each: per group the largest
 * quorum, each group of its own, shortest times (a permit that names none counts with the default),
 * union of channels and controls, strictest enforcement, highest risk. The order of permits is nothing.
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
  return {
    groups: mergeGroups(approvals, expiresInMs),
    expiresInMs,
    grantTtlMs: Math.min(...permits.map(({ grantTtlMs }) => grantTtlMs ?? DEFAULT_GRANT_TTL_MS)),
    channels: union(permits.map(({ channels }) => channels)),
    controls: union(permits.map(({ controls }) => controls)),
    enforcement: highest(ENFORCEMENTS, present(permits.map(({ enforcement }) => enforcement))) ?? 'advisory',
    ...(risk === undefined ? {} : { risk }),
  };
};

import { decided, refused, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import type { ExecutionOutcome, ExecutionReported } from './grant-events.ts';
import type { Grant } from './grant.ts';
import { isRedeemer, type ActingPrincipal } from './is-redeemer.ts';

export interface ReportExecution extends ActingPrincipal {
  readonly outcome: ExecutionOutcome;
  readonly now: Timestamp;
}

export type ReportRefusal = 'not_redeemed' | 'not_redeemer' | 'already_reported';

/** Once, by the redeemer alone; the same again is `unchanged`. After `ExecutionUnreported` it is marked late. */
export const reportExecution = (
  command: ReportExecution,
  grant: Grant,
): Outcome<ExecutionReported, ReportRefusal> => {
  switch (grant.status) {
    case 'unopened':
    case 'open':
    case 'revoked':
    case 'expired':
      return refused('not_redeemed');
    case 'redeemed':
    case 'unreported':
    case 'reported':
      return isRedeemer(command, grant.opened) ? reportedBy(command, grant) : refused('not_redeemer');
    default:
      return grant satisfies never;
  }
};

const reportedBy = (
  { by, outcome, now }: ReportExecution,
  grant: Extract<Grant, { status: 'redeemed' | 'unreported' | 'reported' }>,
): Outcome<ExecutionReported, ReportRefusal> => {
  if (grant.status === 'reported') {
    return isSameOutcome(outcome, grant.report) ? UNCHANGED : refused('already_reported');
  }
  return decided({
    type: 'ExecutionReported',
    data: {
      ...membersOf(outcome),
      grantId: grant.opened.grantId,
      by: { type: by.type, id: by.id },
      late: grant.status === 'unreported',
      reportedAt: now,
    },
  });
};

/** The outcome's own members and no others, without those that are undefined. */
const membersOf = ({ status, exitCode, summary, outputDigest }: ExecutionOutcome): ExecutionOutcome => ({
  status,
  ...(exitCode !== undefined && { exitCode }),
  ...(summary !== undefined && { summary }),
  ...(outputDigest !== undefined && { outputDigest }),
});

const isSameOutcome = (a: ExecutionOutcome, b: ExecutionOutcome): boolean =>
  a.status === b.status &&
  a.exitCode === b.exitCode &&
  a.summary === b.summary &&
  a.outputDigest === b.outputDigest;

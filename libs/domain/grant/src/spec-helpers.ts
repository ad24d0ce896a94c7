import type { Outcome, Timestamp } from '@countersign/kernel';
import { decide, type GrantCommand, type GrantRefusal } from './decide.ts';
import type { GrantEvent } from './grant-events.ts';
import { foldGrant } from './grant.ts';
import type { GrantTerms } from './open-grant.ts';

const APPROVED_AT = Date.parse('2026-11-20T10:00:00.000Z');
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** Milliseconds after the approval. */
export const at = (ms: number): Timestamp => new Date(APPROVED_AT + ms).toISOString();

export const BOT = { type: 'Agent', id: 'etl-bot' };
export const GATEWAY = { type: 'Service', id: 'gateway' };
export const ALICE = { type: 'User', id: 'alice' };

export const TERMS: GrantTerms = {
  grantId: 'r-1',
  requestId: 'r-1',
  digest: 'digest-1',
  requester: BOT,
  redeemer: GATEWAY,
  enforcement: 'guarded',
  approvers: ['alice'],
  expiresAt: at(5 * MINUTE),
};

/** Of a requester that redeems for itself, started by carol. */
export const OWN_TERMS: GrantTerms = {
  ...TERMS,
  redeemer: BOT,
  initiator: 'carol',
  enforcement: 'advisory',
};

type Of<Type extends GrantCommand['type']> = Omit<Extract<GrantCommand, { type: Type }>, 'type'>;

export const claim = (change: Partial<Of<'ClaimGrant'>> = {}): GrantCommand => ({
  type: 'ClaimGrant',
  by: BOT,
  terms: TERMS,
  jti: 'jti-1',
  now: at(1),
  ...change,
});
export const redeem = (change: Partial<Of<'RedeemGrant'>> = {}): GrantCommand => ({
  type: 'RedeemGrant',
  by: GATEWAY,
  digest: 'digest-1',
  jti: 'jti-1',
  policySetDigest: 'set-1',
  directoryDigest: 'directory-1',
  now: at(2),
  ...change,
});
export const revoke = (change: Partial<Of<'RevokeGrant'>> = {}): GrantCommand => ({
  type: 'RevokeGrant',
  terms: TERMS,
  cause: 'revoked',
  by: ALICE,
  reason: 'wrong table',
  now: at(2),
  ...change,
});
export const expire = (ms: number): GrantCommand => ({ type: 'ExpireGrant', terms: TERMS, now: at(ms) });
export const report = (change: Partial<Of<'ReportExecution'>> = {}): GrantCommand => ({
  type: 'ReportExecution',
  by: GATEWAY,
  outcome: { status: 'succeeded', exitCode: 0 },
  now: at(3),
  ...change,
});
export const markUnreported = (ms: number): GrantCommand => ({ type: 'MarkUnreported', now: at(ms) });

const run = (events: readonly GrantEvent[], command: GrantCommand): Outcome<GrantEvent, GrantRefusal> =>
  decide(command, foldGrant(events));

/** Given these commands were obeyed one after another, what comes of the next one, in a word or two. */
export const given = (
  ...past: readonly GrantCommand[]
): { when(command: GrantCommand): string; events: GrantEvent[] } => {
  const events: GrantEvent[] = [];
  for (const command of past) {
    const outcome = run(events, command);
    if (outcome.kind === 'decided') events.push(...outcome.events);
  }
  const when = (command: GrantCommand): string => {
    const outcome = run(events, command);
    if (outcome.kind === 'decided') return outcome.events.map(({ type }) => type).join(' ');
    return outcome.kind === 'refused' ? `refused ${outcome.refusal}` : 'unchanged';
  };
  return { when, events };
};

import { hasCode, type CodedError, type Timestamp } from '@countersign/kernel';
import type { ClickOutcome, InteractionAnswered } from '@countersign/notifier';
import { isUntrustedRecord } from '@countersign/service-host';

/** An answer that stays: whatever is asked again, policy would say the same. */
export type FinalOutcome = Exclude<ClickOutcome, { readonly kind: 'waiting' }>;

export const WAITING: ClickOutcome = {
  kind: 'waiting',
  message: 'Your decision is recorded and waits for policy to count it. The card will say what came of it.',
};

/** Policy's refusals. Whatever else goes wrong is no answer, and policy is asked again. */
const FINAL = [
  'not_human',
  'self_approval',
  'not_eligible',
  'digest_mismatch',
  'already_decided',
  'review_closed',
  'not_found',
  'unknown_principal',
] as const;

const UNTRUSTED =
  "This request's record can't be trusted, so nothing is decided on it; tell those who run Countersign.";

/** Undefined where the error is no answer of policy's. */
export const refusalOf = (error: unknown): FinalOutcome | undefined => {
  if (isUntrustedRecord(error)) return { kind: 'refused', code: 'record_not_trusted', message: UNTRUSTED };
  const code = FINAL.find((final) => hasCode(error, final));
  if (code === undefined) return undefined;
  return { kind: 'refused', code, message: (error as CodedError).message };
};

export const answeredBy = (
  requestId: string,
  outcome: FinalOutcome,
  answeredAt: Timestamp,
): InteractionAnswered => ({
  type: 'InteractionAnswered',
  data: {
    requestId,
    outcome: outcome.kind,
    result: outcome.kind === 'decided' ? outcome.status : outcome.code,
    detail: outcome.message,
    answeredAt,
  },
});

export const outcomeOf = ({ outcome, result, detail }: InteractionAnswered['data']): FinalOutcome =>
  outcome === 'decided'
    ? { kind: 'decided', status: result, message: detail }
    : { kind: 'refused', code: result, message: detail };

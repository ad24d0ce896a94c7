import type { RequestView } from '@countersign/contracts';
import type { RequestStatus } from '@countersign/domain-thread';
import { CountersignError, isCountersignError } from './countersign-error.ts';

/** Each code but the last means that the guarded function never started. */
export const GUARD_CODES = [
  'denied',
  'expired',
  'undeliverable',
  'cancelled',
  'revoked',
  'grant_expired',
  'already_redeemed',
  'digest_mismatch',
  'wait_timeout',
  'unreachable',
  'refused',
  'execution_failed',
] as const;
export type GuardCode = (typeof GUARD_CODES)[number];

/**
 * Why a guarded function didn't start, or (`execution_failed`) what it threw, as `cause`. `refused`: the
 * server or the client's own check refused a step; the refusal is the `cause`.
 */
export class GuardError extends CountersignError<GuardCode> {
  /** The request as it was last seen. */
  readonly request: RequestView | undefined;

  constructor(
    code: GuardCode,
    message: string,
    options: { request?: RequestView | undefined; cause?: unknown } = {},
  ) {
    const cause = isCountersignError(options.cause) ? options.cause : undefined;
    super(code, message, {
      cause: options.cause,
      requestId: options.request?.id,
      status: cause?.status,
      problem: cause?.problem,
      field: cause?.field,
    });
    this.name = 'GuardError';
    this.request = options.request;
  }
}

const reasonOf = ({ review, grant }: RequestView): string => {
  const code = grant?.code ?? review?.code;
  const denial = review?.decisions.find(({ decision }) => decision === 'deny');
  if (denial !== undefined) return ` by ${denial.approver}: ${denial.reason}`;
  return code === undefined ? '' : ` (${code}${review?.detail === undefined ? '' : `: ${review.detail}`})`;
};

type HeldBack = readonly [GuardCode, (request: RequestView) => string];

const SPENT: HeldBack = [
  'already_redeemed',
  ({ status }) => `The approval was spent before (${status}); an approval runs once.`,
];
const UNSETTLED: HeldBack = ['refused', ({ status }) => `The request is still ${status}.`];

const HELD_BACK: Readonly<Record<Exclude<RequestStatus, 'approved'>, HeldBack>> = {
  received: UNSETTLED,
  pending: UNSETTLED,
  denied: ['denied', (request) => `The request was denied${reasonOf(request)}.`],
  expired: ['expired', () => 'Nobody decided in time, so the request expired; ask again.'],
  undeliverable: [
    'undeliverable',
    () => 'No approver could be told, so the request ended; tell your operator.',
  ],
  cancelled: ['cancelled', () => 'The request was cancelled.'],
  revoked: ['revoked', (request) => `The approval was revoked${reasonOf(request)}.`],
  grant_expired: ['grant_expired', () => 'The approval was not used in time; ask again.'],
  redeemed: SPENT,
  succeeded: SPENT,
  failed: SPENT,
  unreported: SPENT,
};

/** Why a settled request doesn't run; undefined where it is approved. */
export const heldBack = (request: RequestView): GuardError | undefined => {
  if (request.status === 'approved') return undefined;
  const [code, message] = HELD_BACK[request.status];
  return new GuardError(code, message(request), { request });
};

const CODE_OF: Readonly<Record<string, GuardCode>> = {
  aborted: 'cancelled',
  already_redeemed: 'already_redeemed',
  digest_mismatch: 'digest_mismatch',
  grant_expired: 'grant_expired',
  grant_revoked: 'revoked',
  unreachable: 'unreachable',
  wait_timeout: 'wait_timeout',
};

/** Any failure before the start, as the one error that callers of `guard` have to know. */
export const guardErrorOf = (cause: unknown, request: RequestView | undefined): GuardError => {
  if (cause instanceof GuardError) return cause;
  const code = isCountersignError(cause) ? CODE_OF[cause.code] : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new GuardError(code ?? 'refused', message, { request, cause });
};

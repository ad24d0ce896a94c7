import { randomUUID } from 'node:crypto';
import type { OutcomeBody, RequestView } from '@countersign/contracts';
import {
  actionDigest,
  type ActionBody,
  type Enforcement,
  type PrivilegedAction,
} from '@countersign/domain-action';
import type { JsonObject } from '@countersign/kernel';
import { freezeRequest, type ActionRequest } from './action-request.ts';
import type { CountersignClient, Redeemed } from './countersign-client.ts';
import { CountersignError, isCountersignError } from './countersign-error.ts';
import { GuardError, guardErrorOf, heldBack } from './guard-error.ts';

export interface GuardOptions<Value> {
  /** Random for each call where none is given. With one, a repeated call is the same request. */
  readonly idempotencyKey?: string | undefined;
  /** Who redeems and reports, where `context.executor` names another principal than the requester. */
  readonly redeemer?: CountersignClient | undefined;
  /** How long to wait for the decision before the request is cancelled. Without: until it expires. */
  readonly timeoutMs?: number | undefined;
  /** Aborted before the redemption, it cancels the request; afterwards it is the function's own affair. */
  readonly signal?: AbortSignal | undefined;
  /** Hears the request as submitted and each change until it is settled. */
  readonly onChange?: ((request: RequestView) => void) | undefined;
  /** The last look before the approval is spent; what it throws cancels the request. */
  readonly beforeRedemption?: ((request: RequestView) => void | Promise<void>) | undefined;
  /** How long to try to report. Default 60 s: what ran can't be run again, so its report is worth patience. */
  readonly reportDeadlineMs?: number | undefined;
  /** What to report of a value that the function returned. Default: succeeded. */
  readonly outcomeOf?: ((value: Value) => OutcomeBody) | undefined;
}

export interface Execution {
  readonly requestId: string;
  readonly grantId: string;
  readonly enforcement: Enforcement;
  /** What a broker handed out for this one run. */
  readonly credential?: JsonObject;
  readonly signal?: AbortSignal;
}

export interface GuardResult<Value> {
  readonly outcome: 'succeeded' | 'failed';
  readonly requestId: string;
  readonly grantId: string;
  readonly value: Value;
  /** Set where the outcome couldn't be reported; the action did run. */
  readonly reportError?: CountersignError;
}

const REPORT_DEADLINE_MS = 60_000;
const CANCEL_DEADLINE_MS = 5_000;

/** These say that the request has ended, or that it never was. */
const ENDED: ReadonlySet<string> = new Set([
  'denied',
  'expired',
  'undeliverable',
  'revoked',
  'grant_expired',
  'already_redeemed',
]);

const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true) {
    throw new CountersignError('aborted', 'The caller aborted.', { cause: signal.reason });
  }
};

/** The caller's body with the server's subject; a difference anywhere to what the server recorded is refused. */
const boundAction = (body: ActionBody, request: RequestView): PrivilegedAction => {
  const { type, id, properties } = request.subject;
  const action: PrivilegedAction = {
    subject: { type, id, properties: subjectProperties(properties) },
    ...body,
  };
  if (actionDigest(action) !== request.digest) {
    throw new CountersignError(
      'digest_mismatch',
      'The server recorded another action than the one submitted.',
    );
  }
  return action;
};

const subjectProperties = ({ initiator, ...rest }: JsonObject): PrivilegedAction['subject']['properties'] =>
  typeof initiator === 'string' ? { ...rest, initiator } : rest;

/** Nothing is left open without a word: what can't be cancelled is said to be open. */
const cancelAndExplain = async (
  client: CountersignClient,
  request: RequestView,
  error: GuardError,
): Promise<GuardError> => {
  if (ENDED.has(error.code) || error.request?.status === 'cancelled') return error;
  try {
    // Whoever could not be reached for that long is asked once more, not waited for again.
    const deadlineMs = error.code === 'unreachable' ? 0 : CANCEL_DEADLINE_MS;
    const cancelled = await client.cancel(request.id, { deadlineMs });
    return new GuardError(error.code, `${error.message} The request was cancelled.`, {
      request: cancelled,
      cause: error.cause,
    });
  } catch (failure) {
    const why = isCountersignError(failure) ? failure.code : 'unknown';
    const message = `${error.message} Request ${request.id} could not be cancelled (${why}); it ends by itself, and nothing was started.`;
    return new GuardError(error.code, message, { request, cause: error.cause });
  }
};

interface Spent extends Redeemed {
  readonly request: RequestView;
}

const awaitAndRedeem = async <Value>(
  client: CountersignClient,
  body: ActionBody,
  request: RequestView,
  options: GuardOptions<Value>,
): Promise<Spent> => {
  const { signal, timeoutMs, onChange, beforeRedemption, redeemer = client } = options;
  onChange?.(request);
  const action = boundAction(body, request);
  const settled = await client.wait(request.id, { signal, timeoutMs, onChange });
  const held = heldBack(settled);
  if (held !== undefined) throw held;
  const { token } = await client.claim(request.id, { signal });
  await beforeRedemption?.(settled);
  throwIfAborted(signal);
  const redeemed = await redeemer.redeem({ action, token, redemptionId: randomUUID() });
  return { ...redeemed, request: settled };
};

const submit = async <Value>(
  client: CountersignClient,
  body: ActionBody,
  { idempotencyKey = randomUUID(), signal }: GuardOptions<Value>,
): Promise<RequestView> => {
  try {
    return await client.submit(body, { idempotencyKey, signal });
  } catch (error) {
    throw guardErrorOf(error, undefined);
  }
};

const report = async (
  redeemer: CountersignClient,
  grantId: string,
  outcome: OutcomeBody,
  deadlineMs = REPORT_DEADLINE_MS,
): Promise<{ readonly reportError?: CountersignError }> => {
  try {
    await redeemer.report(grantId, outcome, { deadlineMs });
    return {};
  } catch (error) {
    if (isCountersignError(error)) return { reportError: error };
    throw error;
  }
};

/** The error's name alone: its message may carry what the log must never hold. */
const failureOf = (error: unknown): OutcomeBody => ({
  status: 'failed',
  summary: (error instanceof Error ? error.name : typeof error).slice(0, 200),
});

const execute = async <Value>(
  redeemer: CountersignClient,
  { redemption, action, request }: Spent,
  run: (action: PrivilegedAction, execution: Execution) => Value | Promise<Value>,
  { signal, outcomeOf, reportDeadlineMs }: GuardOptions<Value>,
): Promise<GuardResult<Value>> => {
  const { grantId, requestId, enforcement, credential } = redemption;
  const execution: Execution = {
    grantId,
    requestId,
    enforcement,
    ...(credential === undefined ? {} : { credential }),
    ...(signal === undefined ? {} : { signal }),
  };
  let value: Value;
  try {
    value = await run(action, execution);
  } catch (cause) {
    await report(redeemer, grantId, failureOf(cause), reportDeadlineMs);
    throw new GuardError('execution_failed', 'The approved action was started and failed.', {
      request,
      cause,
    });
  }
  const outcome = outcomeOf?.(value) ?? { status: 'succeeded' };
  const reported = await report(redeemer, grantId, outcome, reportDeadlineMs);
  return { outcome: outcome.status, requestId, grantId, value, ...reported };
};

/**
 * Holds `run` until a person approved the action, then runs it once. Submits, waits, claims, redeems, calls
 * `run` with the frozen action parsed from the redeemed bytes, and reports what came of it.
 *
 * Throws {@link GuardError}. With every code but `execution_failed` `run` never started, and a request that
 * was still open has been cancelled. A crash after the redemption loses the run, never repeats it.
 */
export const guard = async <Value>(
  client: CountersignClient,
  request: ActionRequest,
  run: (action: PrivilegedAction, execution: Execution) => Value | Promise<Value>,
  options: GuardOptions<Value> = {},
): Promise<GuardResult<Value>> => {
  const body = freezeRequest(request);
  const submitted = await submit(client, body, options);
  let spent: Spent;
  try {
    spent = await awaitAndRedeem(client, body, submitted, options);
  } catch (error) {
    throw await cancelAndExplain(client, submitted, guardErrorOf(error, submitted));
  }
  return execute(options.redeemer ?? client, spent, run, options);
};

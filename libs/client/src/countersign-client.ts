import {
  activePolicySetView,
  claimView,
  decisionView,
  outcomeView,
  policySetActivated,
  redemptionView,
  requestView,
  reviewsPage,
  revocationView,
  type ActivePolicySetView,
  type ClaimView,
  type DecisionBody,
  type DecisionView,
  type OutcomeBody,
  type OutcomeView,
  type PolicySetActivatedView,
  type PolicySetBody,
  type RedemptionView,
  type RequestView,
  type ReviewsPage,
} from '@countersign/contracts';
import type { PrivilegedAction } from '@countersign/domain-action';
import { canonicalBytes } from '@countersign/kernel';
import { freezeRequest, redemptionText, type ActionRequest } from './action-request.ts';
import type { AnswerSchema } from './answer.ts';
import { AuditClient } from './audit-client.ts';
import { Transport, type CallOptions, type TransportOptions } from './transport.ts';
import { waitUntilSettled, type WaitOptions } from './wait-until-settled.ts';

export interface SubmitOptions extends CallOptions {
  /** Makes the submission repeatable: with the same key and the same action it is the same request. */
  readonly idempotencyKey?: string | undefined;
  readonly waitSeconds?: number | undefined;
}

export interface GetOptions extends CallOptions {
  /** At most 60: how long the server holds the answer while the request is `received` or `pending`. */
  readonly waitSeconds?: number | undefined;
  /** With a wait: answer as soon as the request's version is past this one. */
  readonly after?: number | undefined;
}

export interface Redeemed {
  readonly redemption: RedemptionView;
  /** Frozen, and parsed from the very bytes that the server redeemed. */
  readonly action: PrivilegedAction;
}

const requestPath = (id: string): string => `v1/requests/${encodeURIComponent(id)}`;
const grantPath = (grantId: string): string => `v1/grants/${encodeURIComponent(grantId)}`;

/**
 * Countersign's HTTP API, one method a call, answers checked against the contracts. Every method throws
 * `CountersignError`. Calls whose repeat is answered as the first time are repeated with back-off, heeding
 * `Retry-After`, until their deadline; the others are sent once.
 */
export class CountersignClient {
  readonly audit: AuditClient;
  readonly #transport: Transport;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    this.audit = new AuditClient(this.#transport);
  }

  /** Repeated only with an idempotency key. */
  async submit(request: ActionRequest, options: SubmitOptions = {}): Promise<RequestView> {
    const { idempotencyKey, waitSeconds, ...rest } = options;
    return this.#post('v1/requests', freezeRequest(request), requestView, {
      ...rest,
      repeatable: idempotencyKey !== undefined,
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
      query: { wait: waitSeconds },
      waitMs: (waitSeconds ?? 0) * 1_000,
    });
  }

  async get(id: string, options: GetOptions = {}): Promise<RequestView> {
    const { waitSeconds, after, ...rest } = options;
    return this.#transport.call({
      ...rest,
      method: 'GET',
      path: requestPath(id),
      query: { wait: waitSeconds, after },
      answer: requestView,
      repeatable: true,
      waitMs: (waitSeconds ?? 0) * 1_000,
    });
  }

  /** Long-polls until the status is neither `received` nor `pending`. */
  async wait(id: string, options: WaitOptions = {}): Promise<RequestView> {
    return waitUntilSettled((get) => this.get(id, get), options);
  }

  /** Before the approval it cancels the request, afterwards it revokes the grant. A repeat is answered alike. */
  async cancel(id: string, options: CallOptions = {}): Promise<RequestView> {
    return this.#post(`${requestPath(id)}/cancellation`, undefined, requestView, {
      ...options,
      repeatable: true,
    });
  }

  /** The open reviews that the token's person may decide. */
  async reviews(
    options: CallOptions & { limit?: number; cursor?: string | undefined } = {},
  ): Promise<ReviewsPage> {
    const { limit, cursor, ...rest } = options;
    return this.#transport.call({
      ...rest,
      method: 'GET',
      path: 'v1/reviews',
      query: { status: 'open', limit, cursor },
      answer: reviewsPage,
      repeatable: true,
    });
  }

  async decide(id: string, decision: DecisionBody, options: CallOptions = {}): Promise<DecisionView> {
    const path = `v1/reviews/${encodeURIComponent(id)}/decisions`;
    return this.#post(path, decision, decisionView, { ...options, repeatable: true });
  }

  async claim(requestId: string, options: CallOptions = {}): Promise<ClaimView> {
    return this.#post('v1/grants', { requestId }, claimView, { ...options, repeatable: true });
  }

  /** A lost answer is asked for again with the same `redemptionId`, which redeems nothing twice. */
  async redeem(
    { action, token, redemptionId }: { action: PrivilegedAction; token: string; redemptionId: string },
    options: CallOptions = {},
  ): Promise<Redeemed> {
    const text = redemptionText(action, token, redemptionId);
    const redemption = await this.#transport.call({
      ...options,
      method: 'POST',
      path: 'v1/grants/redemptions',
      body: text.bytes,
      answer: redemptionView,
      repeatable: true,
    });
    return { redemption, action: text.action };
  }

  async revoke(
    grantId: string,
    reason: string,
    options: CallOptions = {},
  ): Promise<{ readonly grantId: string; readonly revokedAt: string }> {
    const path = `${grantPath(grantId)}/revocation`;
    return this.#post(path, { reason }, revocationView, { ...options, repeatable: true });
  }

  async report(grantId: string, outcome: OutcomeBody, options: CallOptions = {}): Promise<OutcomeView> {
    return this.#post(`${grantPath(grantId)}/outcome`, outcome, outcomeView, {
      ...options,
      repeatable: true,
    });
  }

  async activePolicySet(options: CallOptions = {}): Promise<ActivePolicySetView> {
    return this.#transport.call({
      ...options,
      method: 'GET',
      path: 'v1/policy-sets/active',
      answer: activePolicySetView,
      repeatable: true,
    });
  }

  /** Sent once: after a lost answer a repeat would meet its own activation as `policy_set_changed`. */
  async activatePolicySet(set: PolicySetBody, options: CallOptions = {}): Promise<PolicySetActivatedView> {
    return this.#post('v1/policy-sets', set, policySetActivated, { ...options, repeatable: false });
  }

  async #post<Answer>(
    path: string,
    body: object | undefined,
    answer: AnswerSchema<Answer>,
    options: CallOptions & {
      readonly repeatable: boolean;
      readonly headers?: Readonly<Record<string, string>>;
      readonly query?: Readonly<Record<string, string | number | undefined>>;
      readonly waitMs?: number;
    },
  ): Promise<Answer> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path,
      ...(body === undefined ? {} : { body: canonicalBytes(body) }),
      answer,
    });
  }
}

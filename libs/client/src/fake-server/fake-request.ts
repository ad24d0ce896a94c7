import type { OutcomeBody, RequestView } from '@countersign/contracts';
import { enforcementOffered, redeemerOf, type PrivilegedAction } from '@countersign/domain-action';
import type { RequestStatus } from '@countersign/domain-thread';
import { formatEntity } from '@countersign/kernel';
import { FakeProblem } from './fake-problem.ts';

const REQUESTED_AT = '2026-11-20T10:00:00.000Z';
const EXPIRES_AT = '2026-11-20T11:00:00.000Z';

/** One request of the fake server, with the refusals that the real services give. */
export class FakeRequest {
  readonly id: string;
  readonly requester: string;
  readonly action: PrivilegedAction;
  readonly digest: string;
  readonly grantId: string;
  readonly grantToken: string;
  status: RequestStatus = 'pending';
  version = 2;
  denial: { readonly approver: string; readonly reason: string } | undefined;
  redemptionId: string | undefined;
  outcome: OutcomeBody | undefined;
  #waiting: (() => void)[] = [];

  constructor(id: string, requester: string, bound: { action: PrivilegedAction; digest: string }) {
    this.id = id;
    this.requester = requester;
    this.action = bound.action;
    this.digest = bound.digest;
    this.grantId = id;
    this.grantToken = `grant-token-of-${id}`;
  }

  moveTo(status: RequestStatus): void {
    this.status = status;
    this.version += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves with the next change, or after the wait. */
  async changed(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs).unref();
    this.#waiting.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  cancel(): void {
    if (this.status === 'cancelled' || this.status === 'revoked') return;
    if (this.status === 'pending') this.moveTo('cancelled');
    else if (this.status === 'approved') this.moveTo('revoked');
    else throw new FakeProblem(409, 'review_closed', 'The request has ended.');
  }

  claim(): void {
    if (this.status === 'revoked') throw new FakeProblem(410, 'grant_revoked', 'The grant was revoked.');
    if (this.status === 'grant_expired') throw new FakeProblem(410, 'grant_expired', 'The grant expired.');
    if (this.status !== 'approved')
      throw new FakeProblem(409, 'not_approved', 'The request is not approved.');
  }

  /** The order of DESIGN §7's table. */
  redeem(redeemer: string, digest: string, redemptionId: string | undefined): void {
    if (redeemer !== formatEntity(redeemerOf(this.action))) {
      throw new FakeProblem(403, 'wrong_executor', 'Another principal redeems this grant.');
    }
    if (digest !== this.digest) {
      throw new FakeProblem(403, 'digest_mismatch', 'This is not the action that was approved.');
    }
    if (this.status === 'revoked') throw new FakeProblem(410, 'grant_revoked', 'The grant was revoked.');
    if (this.status === 'redeemed' && redemptionId !== undefined && redemptionId === this.redemptionId)
      return;
    if (this.status === 'grant_expired') throw new FakeProblem(410, 'grant_expired', 'The grant expired.');
    if (this.status !== 'approved') throw new FakeProblem(409, 'already_redeemed', 'The grant is spent.');
    this.redemptionId = redemptionId;
    this.moveTo('redeemed');
  }

  report(redeemer: string, outcome: OutcomeBody): number {
    if (redeemer !== formatEntity(redeemerOf(this.action))) {
      throw new FakeProblem(403, 'not_redeemer', 'Only the redeemer reports.');
    }
    if (this.outcome !== undefined) {
      if (JSON.stringify(this.outcome) === JSON.stringify(outcome)) return 200;
      throw new FakeProblem(409, 'already_reported', 'Another outcome stands.');
    }
    if (this.status !== 'redeemed') throw new FakeProblem(409, 'not_redeemed', 'Nothing was redeemed.');
    this.outcome = outcome;
    this.moveTo(outcome.status);
    return 201;
  }

  view(): RequestView {
    const { action } = this;
    return {
      id: this.id,
      version: this.version,
      status: this.status,
      digest: this.digest,
      subject: { ...action.subject },
      action: { ...action.action },
      resource: { ...action.resource },
      context: { ...action.context },
      requestedAt: REQUESTED_AT,
      enforcement: enforcementOffered(action),
      review: this.#review(),
    };
  }

  #review(): RequestView['review'] {
    const { denial } = this;
    const states = { pending: 'open', denied: 'denied', expired: 'expired', cancelled: 'cancelled' } as const;
    return {
      state: this.status in states ? states[this.status as keyof typeof states] : 'approved',
      ...(denial === undefined ? {} : { code: 'approver_denied' }),
      policies: [{ id: 'export-needs-data-owner', description: 'One of the data owners decides.' }],
      policySetDigest: 'set',
      requirements: [{ group: 'data-owners', quorum: 1, alternatives: [] }],
      decisions:
        denial === undefined
          ? []
          : [{ ...denial, decision: 'deny', decidedAt: REQUESTED_AT, channel: 'api' }],
      approvers: ['User::"alice"'],
      controls: [],
      openedAt: REQUESTED_AT,
      expiresAt: EXPIRES_AT,
    };
  }
}

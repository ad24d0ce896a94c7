import { randomUUID } from 'node:crypto';
import { claimView, requestView, type RequestView } from '@countersign/contracts';
import type { RecordedEvent } from '@countersign/event-store';
import {
  bulkExport,
  redemptionOf,
  smallExport,
  stagingRead,
  type ActionParts,
} from '../../e2e/harness/life-cycle.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { codeOf, type PatientApi, type Settled } from './patient-api.ts';

/** Who takes part in a request's life, each as a patient caller. */
export interface Cast {
  readonly requester: PatientApi;
  /** Its owner, who may revoke and not approve. */
  readonly owner: PatientApi;
  readonly alice: PatientApi;
  readonly bob: PatientApi;
  readonly acknowledgements: Acknowledgements;
}

const POLL_S = 5;

/** One request from its submission to its end; every step is repeated until it is settled. */
export class Journey {
  readonly #cast: Cast;
  readonly #key = randomUUID();

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  async submit(action: ActionParts): Promise<RequestView> {
    const headers = { 'idempotency-key': this.#key };
    const answer = await this.#cast.requester.post('/v1/requests', action, headers);
    const request = requestView.parse(expectStatus(answer, 200, 202));
    this.#told('request', request.id, 'ActionRequested');
    return request;
  }

  async until(id: string, status: string): Promise<RequestView> {
    let path = `/v1/requests/${id}`;
    for (;;) {
      const view = requestView.parse(expectStatus(await this.#cast.requester.get(path), 200));
      if (view.status === status) return view;
      if (view.status !== 'received' && view.status !== 'pending' && !EARLIER[status]?.includes(view.status))
        throw new Error(`${id} was to be ${status} and is ${view.status}.`);
      path = `/v1/requests/${id}?wait=${POLL_S}&after=${view.version}`;
    }
  }

  async decide(who: 'alice' | 'bob', { id, digest }: RequestView, decision: 'approve' | 'deny') {
    const reason = 'Looks right.';
    const answer = await this.#cast[who].post(`/v1/reviews/${id}/decisions`, { decision, reason, digest });
    expectStatus(answer, 200, 201);
    this.#told('review', id, 'DecisionRecorded', ({ data }) => data['approver'] === who);
  }

  async cancel(id: string): Promise<void> {
    expectStatus(await this.#cast.requester.post(`/v1/requests/${id}/cancellation`), 200);
    this.#told('review', id, 'ReviewCancelled');
  }

  async claim(requestId: string): Promise<string> {
    const answer = await this.#cast.requester.post('/v1/grants', { requestId });
    const { token } = claimView.parse(expectStatus(answer, 200, 201));
    this.#told('grant', requestId, 'GrantOpened');
    return token;
  }

  /** True where it was redeemed by this call, false where another one was faster. */
  async redeem(request: RequestView, token: string, redemptionId: string = randomUUID()): Promise<boolean> {
    const body = { ...redemptionOf(request, token), redemptionId };
    const answer = await this.#cast.requester.post('/v1/grants/redemptions', body);
    if (answer.status === 409 && codeOf(answer.json) === 'already_redeemed') return false;
    expectStatus(answer, 200);
    this.#told('grant', request.id, 'GrantRedeemed');
    return true;
  }

  async revoke(id: string): Promise<void> {
    const answer = await this.#cast.owner.post(`/v1/grants/${id}/revocation`, { reason: 'Too risky.' });
    expectStatus(answer, 200);
    this.#told('grant', id, 'GrantRevoked');
  }

  async report(id: string): Promise<void> {
    const answer = await this.#cast.requester.post(`/v1/grants/${id}/outcome`, { status: 'succeeded' });
    expectStatus(answer, 200, 201);
    this.#told('grant', id, 'ExecutionReported');
  }

  #told(category: string, id: string, type: string, is?: (event: RecordedEvent) => boolean): void {
    this.#cast.acknowledgements.add({
      stream: `${category}-${id}`,
      type,
      ...(is !== undefined && { is }),
    });
  }
}

/** What a request may still be when something was acknowledged that makes it the other. */
const EARLIER: Readonly<Record<string, readonly string[]>> = {
  succeeded: ['approved', 'redeemed'],
  revoked: ['approved'],
};

const expectStatus = ({ status, json }: Settled, ...wanted: number[]): unknown => {
  if (wanted.includes(status)) return json;
  throw new Error(`Expected ${wanted.join(' or ')}, got ${status}: ${JSON.stringify(json)}`);
};

type Life = (journey: Journey) => Promise<void>;

const runs = async (journey: Journey, { id }: RequestView): Promise<void> => {
  const approved = await journey.until(id, 'approved');
  const token = await journey.claim(id);
  // Two copies of one job, each of which would run the action if it could redeem.
  const won = await Promise.all([journey.redeem(approved, token), journey.redeem(approved, token)]);
  if (won.filter(Boolean).length !== 1)
    throw new Error(`${id} was redeemed ${won.filter(Boolean).length} times.`);
  await journey.report(id);
  await journey.until(id, 'succeeded');
};

const held = async (journey: Journey, action: ActionParts): Promise<RequestView> =>
  journey.until((await journey.submit(action)).id, 'pending');

/** Lives of requests, by how they end. */
export const LIVES = {
  permitted: async (journey) => runs(journey, await journey.submit(stagingRead())),
  approved: async (journey) => {
    const request = await held(journey, smallExport());
    await journey.decide('alice', request, 'approve');
    await runs(journey, request);
  },
  approvedByTwo: async (journey) => {
    const request = await held(journey, bulkExport());
    await Promise.all([
      journey.decide('alice', request, 'approve'),
      journey.decide('bob', request, 'approve'),
    ]);
    await runs(journey, request);
  },
  denied: async (journey) => {
    const request = await held(journey, smallExport());
    await journey.decide('bob', request, 'deny');
    await journey.until(request.id, 'denied');
  },
  cancelled: async (journey) => {
    const { id } = await held(journey, smallExport());
    await journey.cancel(id);
    await journey.until(id, 'cancelled');
  },
  revoked: async (journey) => {
    const request = await held(journey, smallExport());
    await journey.decide('alice', request, 'approve');
    await journey.claim(request.id);
    await journey.revoke(request.id);
    await journey.until(request.id, 'revoked');
  },
} as const satisfies Record<string, Life>;

export type LifeName = keyof typeof LIVES;

import { randomUUID } from 'node:crypto';
import {
  activePolicySetView,
  auditCase,
  claimView,
  policySetActivated,
  requestView,
  type RequestView,
} from '@countersign/contracts';
import { isTerminal } from '@countersign/domain-thread';
import type { JsonObject } from '@countersign/kernel';
import { redemptionOf, type ActionParts } from '../../e2e/harness/life-cycle.ts';
import type { Ledger } from './ledger.ts';
import type { Answer, PersistentCaller } from './persistent-caller.ts';

export const PERSONS = ['alice', 'bob', 'carol', 'dave'] as const;
export type Person = (typeof PERSONS)[number];

export interface Callers {
  /** `Agent::"etl-bot"`, carol's. */
  readonly agent: PersistentCaller;
  readonly person: Readonly<Record<Person, PersistentCaller>>;
}

const WAIT_S = 5;
const RESTATED = 'data.cedar';

/** A person's answer to a review: an approval of alice counts, one of carol is refused. */
interface Decided {
  readonly decision?: 'approve' | 'deny';
  readonly expect?: readonly number[];
}

/** One request and what its people do, each step repeated until it is known; what is known goes to the ledger. */
export class Journey {
  readonly key = randomUUID();
  readonly #callers: Callers;
  readonly #ledger: Ledger;
  #view: RequestView | undefined;

  constructor(callers: Callers, ledger: Ledger) {
    this.#callers = callers;
    this.#ledger = ledger;
  }

  get request(): RequestView {
    if (this.#view === undefined) throw new Error('Nothing was asked for yet.');
    return this.#view;
  }

  get id(): string {
    return this.request.id;
  }

  async submit(body: ActionParts): Promise<void> {
    const headers = { 'idempotency-key': this.key };
    await this.adopt(
      requestView.parse(wanted(await this.#callers.agent.post('/v1/requests', body, headers), 200, 202)),
    );
  }

  /** Goes on with a request that was made by other means, and acknowledged. */
  async adopt(view: Pick<RequestView, 'id'>): Promise<void> {
    this.#ledger.requested(view.id);
    this.#view = await this.#read(view.id, '');
  }

  async until(...statuses: readonly string[]): Promise<void> {
    await this.#until(statuses.join(' or '), ({ status }) => statuses.includes(status));
  }

  async untilEscalated(): Promise<void> {
    const hasAlternatives = ({ review }: RequestView): boolean =>
      review?.requirements?.some(({ alternatives }) => alternatives.length > 0) === true;
    await this.#until('escalated', hasAlternatives);
  }

  async decide(person: Person, { decision = 'approve', expect = [200, 201] }: Decided = {}): Promise<void> {
    const { id, digest } = this.request;
    const body = { decision, reason: 'Looks right.', digest };
    const answer = await this.#callers.person[person].post(`/v1/reviews/${id}/decisions`, body);
    if (wanted(answer, ...expect) !== undefined && answer.status < 300)
      this.#ledger.decided(id, person, decision);
  }

  async claim(): Promise<string> {
    const answer = await this.#callers.agent.post('/v1/grants', { requestId: this.id });
    const { token } = claimView.parse(wanted(answer, 200, 201));
    this.#ledger.claimed(this.id);
    return token;
  }

  /** Redeems exactly what was reviewed; `redemptionId` is the same in each repeat. */
  async redeem(
    token: string,
    { redemptionId = this.key, expect = [200] as readonly number[] } = {},
  ): Promise<Answer> {
    const body: JsonObject = { ...redemptionOf(this.request, token), redemptionId };
    const answer = await this.#callers.agent.post('/v1/grants/redemptions', body);
    wanted(answer, ...expect);
    if (answer.status === 200) this.#ledger.redeemed(this.id);
    return answer;
  }

  async report(): Promise<void> {
    const outcome = { status: 'succeeded', exitCode: 0 };
    wanted(await this.#callers.agent.post(`/v1/grants/${this.id}/outcome`, outcome), 200, 201);
    this.#ledger.reported(this.id);
  }

  async cancel(expect: readonly number[] = [200]): Promise<Answer> {
    const answer = await this.#callers.agent.post(`/v1/requests/${this.id}/cancellation`);
    wanted(answer, ...expect);
    if (answer.status === 200) this.#ledger.cancelled(this.id, requestView.parse(answer.json).status);
    return answer;
  }

  async revoke(): Promise<void> {
    const body = { reason: 'Too risky.' };
    wanted(await this.#callers.person.carol.post(`/v1/grants/${this.id}/revocation`, body), 200);
    this.#ledger.revoked(this.id);
  }

  /** The auditor is shown the whole record, and that it is to be relied on. */
  async readRecord(): Promise<void> {
    const path = `/v1/audit/requests/${this.id}`;
    const { problems } = auditCase.parse(wanted(await this.#callers.person.dave.get(path), 200));
    if (problems.length > 0) throw new Error(`The record of ${this.id}: ${JSON.stringify(problems)}`);
  }

  /** Carol puts the same rules in force under another digest. */
  async activateAnew(): Promise<void> {
    const { carol } = this.#callers.person;
    const active = activePolicySetView.parse(wanted(await carol.get('/v1/policy-sets/active'), 200));
    const files = active.files.map(({ path, content }) => ({
      path,
      content:
        path === RESTATED
          ? `${content.replace(/\n\/\/ Restated.*/, '')}\n// Restated by ${this.key}`
          : content,
    }));
    const answer = await carol.post('/v1/policy-sets', { files, replaces: active.digest });
    this.#ledger.activated(policySetActivated.parse(wanted(answer, 200, 201)).digest);
  }

  async #until(what: string, holds: (view: RequestView) => boolean): Promise<void> {
    for (
      let view = this.request;
      ;
      view = await this.#read(view.id, `?wait=${WAIT_S}&after=${view.version}`)
    ) {
      this.#view = view;
      if (holds(view)) return;
      if (isTerminal(view.status))
        throw new Error(`${view.id} ended as ${view.status} and never was ${what}`);
    }
  }

  async #read(id: string, query: string): Promise<RequestView> {
    return requestView.parse(wanted(await this.#callers.agent.get(`/v1/requests/${id}${query}`), 200));
  }
}

const wanted = (answer: Answer, ...statuses: readonly number[]): unknown => {
  if (statuses.includes(answer.status)) return answer.json;
  throw new Error(`Expected ${statuses.join(' or ')}, got ${answer.status}: ${JSON.stringify(answer.json)}`);
};

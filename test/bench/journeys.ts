import type { HttpAnswer, RawHttp } from './raw-http.ts';

export interface Tokens {
  readonly requester: string;
  readonly approver: string;
}

interface Asked {
  readonly id: string;
  readonly digest: string;
}

const member = (value: unknown, name: string): string =>
  typeof value === 'object' && value !== null ? String((value as Record<string, unknown>)[name]) : '';

/** Too much for it at that moment. */
export class Unavailable extends Error {}

const expectStatus = ({ status, json }: HttpAnswer, ...wanted: number[]): unknown => {
  if (wanted.includes(status)) return json;
  const what = `Expected ${wanted.join(' or ')}, got ${status}: ${JSON.stringify(json)}`;
  throw status === 503 ? new Unavailable(what) : new Error(what);
};

const action = (name: string, id: string, context: object) => ({
  action: { name },
  resource: { type: 'Dataset', id },
  context: { justification: 'Quarterly report', ...context },
});

/** The first is decided by one of two people, the second is permitted at once. */
const ACTIONS = {
  export: action('data.export', 'customers', { rows: 500 }),
  stagingRead: action('data.read', 'staging-orders', {}),
};
type ActionName = keyof typeof ACTIONS;

/** The calls of a request's life, as bodies and paths of the HTTP API. One call at a time. */
export class Journey {
  readonly #http: RawHttp;
  readonly #tokens: Tokens;

  constructor(http: RawHttp, tokens: Tokens) {
    this.#http = http;
    this.#tokens = tokens;
  }

  /** Answers when it is approved. */
  async submitPermitted(): Promise<Asked> {
    const { requester } = this.#tokens;
    const answer = await this.#http.post('/v1/requests?wait=10', requester, ACTIONS.stagingRead);
    const view = expectStatus(answer, 200, 202);
    if (member(view, 'status') === 'approved') return asked(view);
    throw new Error(`Permitted at once, it was expected; it is ${member(view, 'status')}.`);
  }

  /** Answers when it is durable. */
  async submit(): Promise<Asked> {
    const answer = await this.#http.post('/v1/requests', this.#tokens.requester, ACTIONS.export);
    return asked(expectStatus(answer, 202));
  }

  async untilPending(id: string): Promise<void> {
    for (let version = 1; ; version += 1) {
      const path = `/v1/requests/${id}?wait=10&after=${version}`;
      const view = expectStatus(await this.#http.get(path, this.#tokens.requester), 200);
      if (member(view, 'status') === 'pending') return;
    }
  }

  async approve({ id, digest }: Asked): Promise<void> {
    const body = { decision: 'approve', reason: 'Looks right.', digest };
    expectStatus(await this.#http.post(`/v1/reviews/${id}/decisions`, this.#tokens.approver, body), 201);
  }

  async claim(requestId: string): Promise<string> {
    const answer = await this.#http.post('/v1/grants', this.#tokens.requester, { requestId });
    return member(expectStatus(answer, 201), 'token');
  }

  async redeem(token: string, name: ActionName = 'export'): Promise<void> {
    const subject = { type: 'Agent', id: 'etl-bot', properties: {} };
    const body = { token, subject, ...ACTIONS[name] };
    expectStatus(await this.#http.post('/v1/grants/redemptions', this.#tokens.requester, body), 200);
  }

  async report(grantId: string): Promise<void> {
    const body = { status: 'succeeded', exitCode: 0 };
    expectStatus(await this.#http.post(`/v1/grants/${grantId}/outcome`, this.#tokens.requester, body), 201);
  }

  /** A whole life; answers the request's id. */
  async live(name: ActionName): Promise<string> {
    const asked = await (name === 'export' ? this.submit() : this.submitPermitted());
    if (name === 'export') await this.approve(asked);
    const token = await this.claim(asked.id);
    await this.redeem(token, name);
    await this.report(asked.id);
    return asked.id;
  }
}

const asked = (view: unknown): Asked => ({ id: member(view, 'id'), digest: member(view, 'digest') });

/** What is timed, after what it needs was made ready. */
export type Measured = () => Promise<unknown>;

/** Prepares one measurement; the answer is what is timed. */
export type Workload = (journey: Journey) => Promise<Measured>;

const autoPermit: Workload = async (journey) => () => journey.submitPermitted();

const submission: Workload = async (journey) => () => journey.submit();

const held = async (journey: Journey): Promise<Asked> => {
  const asked = await journey.submit();
  await journey.untilPending(asked.id);
  return asked;
};

const submitToHeld: Workload = async (journey) => () => held(journey);

const decision: Workload = async (journey) => {
  const asked = await held(journey);
  return () => journey.approve(asked);
};

const decisionToToken: Workload = async (journey) => {
  const asked = await held(journey);
  return async () => {
    await journey.approve(asked);
    await journey.claim(asked.id);
  };
};

const approved = async (journey: Journey): Promise<Asked> => {
  const asked = await journey.submit();
  await journey.approve(asked);
  return asked;
};

const claim: Workload = async (journey) => {
  const { id } = await approved(journey);
  return () => journey.claim(id);
};

const redemption: Workload = async (journey) => {
  const { id } = await approved(journey);
  const token = await journey.claim(id);
  return () => journey.redeem(token);
};

const outcome: Workload = async (journey) => {
  const { id } = await approved(journey);
  await journey.redeem(await journey.claim(id));
  return () => journey.report(id);
};

const lifeCycle: Workload = async (journey) => () => journey.live('export');

/** By the name of their row. */
export const WORKLOADS = {
  submission,
  autoPermit,
  submitToHeld,
  decision,
  claim,
  decisionToToken,
  redemption,
  outcome,
  lifeCycle,
} as const;
export type WorkloadName = keyof typeof WORKLOADS;

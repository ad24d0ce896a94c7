import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ActivePolicySetView } from '@countersign/contracts';
import { CodedError } from '@countersign/kernel';
import { FakeApi, type Answer, type Incoming } from './fake-api.ts';
import { FakeProblem } from './fake-problem.ts';
import type { FakeRequest } from './fake-request.ts';

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** `unavailable`: 503, `capped`: 429, `overloaded`: 503 at the door, all without effect. `drop`: hung up without effect. `lose-answer`: done, then hung up. */
export type Fault = keyof typeof TURNED_AWAY | 'drop' | 'lose-answer';

const isCoded = (error: unknown): error is CodedError => error instanceof CodedError;

const malformed = (error: unknown): FakeProblem => {
  if (isCoded(error)) return new FakeProblem(400, error.code, error.message, error.field);
  throw error;
};

/**
 * A stand-in for the services in tests of the client and the CLI: in memory, without policy and without
 * signatures, but with the real rules of bodies, digests, idempotency and single use.
 */
export class FakeServer {
  readonly calls: FakeCall[] = [];
  /** `Retry-After` of every 429 and 503. */
  retryAfter = '0';
  readonly #tokens = new Map<string, string>();
  readonly #faults: { readonly call: string; readonly fault: Fault }[] = [];
  readonly #server: Server;
  readonly #api = new FakeApi(() => void this.#server.emit('fake:submitted'));
  #baseUrl = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    fake.#baseUrl = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`;
    return fake;
  }

  /** Stays the same after `stop`, where nobody listens any more. */
  get baseUrl(): string {
    return this.#baseUrl;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A bearer token for a principal in Cedar's notation. */
  tokenFor(principal: string): string {
    const token = `identity-${randomUUID()}`;
    this.#tokens.set(token, principal);
    return token;
  }

  /** The next call of this form (`POST /v1/grants`) meets the fault; faults queue up. */
  failNext(call: string, ...faults: readonly Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ call, fault })));
  }

  get requests(): readonly FakeRequest[] {
    return this.#api.requests;
  }

  get policySet(): ActivePolicySetView {
    return this.#api.policySet;
  }

  /** The request that is submitted after `earlier` others. */
  async submitted(earlier = 0): Promise<FakeRequest> {
    for (;;) {
      const request = this.requests[earlier];
      if (request !== undefined) return request;
      await once(this.#server, 'fake:submitted');
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = Buffer.concat(await request.toArray());
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', this.baseUrl);
    this.calls.push({ method, path: url.pathname, body: bytes.toString('utf8') });
    const fault = this.#takeFault(`${method} ${url.pathname}`);
    if (fault === 'drop') return void request.socket.destroy();
    const answer = isTurnedAway(fault)
      ? TURNED_AWAY[fault]
      : await this.#answer(request, { method, url, bytes });
    if (fault === 'lose-answer') return void request.socket.destroy();
    response.writeHead(answer.status, {
      'content-type': answer.status < 400 ? 'application/json' : 'application/problem+json',
      ...(answer.status === 503 || answer.status === 429 ? { 'retry-after': this.retryAfter } : {}),
    });
    response.end(JSON.stringify(answer.body));
  }

  #takeFault(call: string): Fault | undefined {
    const index = this.#faults.findIndex((planned) => planned.call === call);
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
  }

  async #answer(
    request: IncomingMessage,
    incoming: Pick<Incoming, 'method' | 'url' | 'bytes'>,
  ): Promise<Answer> {
    try {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      const principal = this.#tokens.get(token);
      if (principal === undefined) throw new FakeProblem(401, 'token_invalid', 'The token is not valid.');
      const key = request.headersDistinct['idempotency-key']?.[0];
      return await this.#api.answer({ ...incoming, principal, key });
    } catch (error) {
      const refusal = error instanceof FakeProblem ? error : malformed(error);
      return { status: refusal.status, body: refusal.body() };
    }
  }
}

const turnedAway = (status: number, code: string, detail: string): Answer => ({
  status,
  body: new FakeProblem(status, code, detail).body(),
});

const TURNED_AWAY = {
  unavailable: turnedAway(503, 'store_unavailable', 'Nothing can be recorded now.'),
  overloaded: turnedAway(503, 'overloaded', 'More requests wait than are worked off.'),
  capped: turnedAway(429, 'too_many_open_requests', "100 of your requests aren't settled yet."),
} as const;

const isTurnedAway = (fault: Fault | undefined): fault is keyof typeof TURNED_AWAY =>
  fault !== undefined && Object.hasOwn(TURNED_AWAY, fault);

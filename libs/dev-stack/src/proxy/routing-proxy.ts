import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serviceAt } from '@countersign/contracts';
import { isJsonObject, SERVICE_NAMES, type JsonObject, type ServiceName } from '@countersign/kernel';
import { Agent } from 'undici';
import { forward } from './forward.ts';
import { mergeOpenApi } from './merge-openapi.ts';
import { answerProblem } from './problems.ts';
import { ReplicaPool } from './replica-pool.ts';

/** Calls may be waited for: the services bound how long. */
const NO_LIMIT = 0;

/**
 * One address for five services with their replicas, by the prefixes of the contracts, as an ingress gives them
 * in production. It reads nothing into what it passes on. For itself it answers `/health/live`,
 * `/health/ready` (each service has a replica that is ready) and `/openapi.json` (all of theirs in one).
 */
export class RoutingProxy {
  readonly #agent = new Agent({ headersTimeout: NO_LIMIT, bodyTimeout: NO_LIMIT, connections: null });
  readonly #pools: ReadonlyMap<ServiceName, ReplicaPool>;
  readonly #server: Server;

  private constructor() {
    this.#pools = new Map(SERVICE_NAMES.map((service) => [service, new ReplicaPool(this.#agent)]));
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async listen(port: number): Promise<RoutingProxy> {
    const proxy = new RoutingProxy();
    try {
      proxy.#server.listen(port, '127.0.0.1');
      await once(proxy.#server, 'listening');
      return proxy;
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  add(service: ServiceName, address: string): void {
    this.#poolOf(service).add(address);
  }

  remove(service: ServiceName, address: string): void {
    this.#poolOf(service).remove(address);
  }

  /** Takes no more connections; what is under way goes on until `close`. */
  stopListening(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    for (const pool of this.#pools.values()) pool.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#agent.destroy();
  }

  #poolOf(service: ServiceName): ReplicaPool {
    const pool = this.#pools.get(service);
    if (pool === undefined) throw new Error(`There is no service ${service}.`);
    return pool;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const service = serviceAt(path);
    if (service !== undefined) return forward(this.#agent, this.#poolOf(service), request, response);
    if (path === '/health/live') return answerJson(response, 200, { status: 'live', state: 'running' });
    if (path === '/health/ready') return this.#answerReady(response);
    if (path === '/openapi.json') return this.#answerOpenApi(response);
    const detail =
      path === '/metrics'
        ? 'Each process has its own metrics, at its own address.'
        : 'There is nothing of this name.';
    return answerProblem(response, 'not_found', detail);
  }

  #answerReady(response: ServerResponse): void {
    const missing = [...this.#pools].filter(([, pool]) => pool.candidates().length === 0);
    const failed = Object.fromEntries(missing.map(([service]) => [service, 'No replica is ready.']));
    if (missing.length === 0) answerJson(response, 200, { status: 'ready', failed });
    else answerJson(response, 503, { status: 'unready', failed });
  }

  async #answerOpenApi(response: ServerResponse): Promise<void> {
    const documents = await Promise.all([...this.#pools.values()].map((pool) => this.#description(pool)));
    const whole = documents.filter((document) => document !== undefined);
    if (whole.length < documents.length) {
      return answerProblem(response, 'no_replica_ready', 'Not every service is ready; try again.');
    }
    return answerJson(response, 200, mergeOpenApi(whole));
  }

  async #description(pool: ReplicaPool): Promise<JsonObject | undefined> {
    const [origin] = pool.candidates();
    if (origin === undefined) return undefined;
    const answer = await this.#agent.request({ origin, path: '/openapi.json', method: 'GET' });
    const document: unknown = await answer.body.json();
    return isJsonObject(document) ? document : undefined;
  }
}

const answerJson = (response: ServerResponse, status: number, body: JsonObject): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

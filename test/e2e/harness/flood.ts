import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface Attempt {
  readonly path: string;
  readonly token: string;
  readonly body: string;
}

export interface FloodReport {
  readonly sent: number;
  readonly seconds: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
}

const TICK_MS = 10;

/** Sends attempts at a rate, over several connections, whatever becomes of them, until it is told to stop. */
export class Flood {
  readonly #address: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #statuses: Record<string, number> = {};
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #startedMs = 0;
  #running: Promise<void> | undefined;

  constructor(address: string) {
    this.#address = address;
  }

  /** Takes the attempts in turn. */
  start(attempts: readonly Attempt[], perSecond: number): void {
    this.#startedMs = performance.now();
    this.#running = this.#run(attempts, perSecond);
  }

  async stop(): Promise<FloodReport> {
    this.#stopping.abort();
    await this.#running;
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    const sent = this.#sent;
    await Promise.all(this.#underWay);
    this.#agent.destroy();
    return { sent, seconds, statuses: this.#statuses };
  }

  async #run(attempts: readonly Attempt[], perSecond: number): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const due = ((performance.now() - this.#startedMs) / 1_000) * perSecond;
      while (this.#sent < due) {
        const attempt = attempts[this.#sent % attempts.length];
        if (attempt !== undefined) this.#send(attempt);
        this.#sent += 1;
      }
      await delay(TICK_MS);
    }
  }

  #send({ path, token, body }: Attempt): void {
    const answered = new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const call = request(`${this.#address}${path}`, { method: 'POST', agent: this.#agent, headers });
      const count = (status: number): void => {
        this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
        resolve();
      };
      call.on('response', (response) => {
        response.resume().on('end', () => count(response.statusCode ?? 0));
      });
      call.on('error', () => count(0));
      call.end(body);
    });
    this.#underWay.add(answered);
    void answered.then(() => this.#underWay.delete(answered));
  }
}

import type { Agent } from 'undici';

const POLL_MS = 250;
const ANSWER_MS = 5_000;

/** The replicas of one service, and which of them said that they are ready. */
export class ReplicaPool {
  readonly #agent: Agent;
  readonly #ready = new Map<string, boolean>();
  readonly #asking = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  constructor(agent: Agent) {
    this.#agent = agent;
    this.#timer = setInterval(() => this.#askAll(), POLL_MS);
  }

  /** A replica's address; it gets nothing before it says that it is ready. */
  add(address: string): void {
    this.#ready.set(address, false);
  }

  remove(address: string): void {
    this.#ready.delete(address);
  }

  /** Those that are ready now, each as often first as the others. */
  candidates(): readonly string[] {
    const ready = [...this.#ready].filter(([, isReady]) => isReady).map(([address]) => address);
    if (ready.length === 0) return [];
    this.#turn = (this.#turn + 1) % ready.length;
    return [...ready.slice(this.#turn), ...ready.slice(0, this.#turn)];
  }

  /** Nobody listens there: it gets nothing more until it says that it is ready. */
  down(address: string): void {
    if (this.#ready.has(address)) this.#ready.set(address, false);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #askAll(): void {
    for (const address of this.#ready.keys()) void this.#ask(address);
  }

  async #ask(address: string): Promise<void> {
    if (this.#asking.has(address)) return;
    this.#asking.add(address);
    const isReady = await this.#isReady(address);
    this.#asking.delete(address);
    if (this.#ready.has(address)) this.#ready.set(address, isReady);
  }

  async #isReady(origin: string): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const answer = await this.#agent.request({ origin, path: '/health/ready', method: 'GET', signal });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }
}

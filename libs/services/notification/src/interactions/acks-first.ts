import type { Received } from './receive-click.ts';

/** Long enough for those that came together to be received together; nobody notices it in an answer. */
const QUIET_MS = 10;

/** However many more come: who decided first is not kept waiting by the rest. */
const LONGEST_MS = 200;

/**
 * Lets clicks be acknowledged before any is settled. A platform waits three seconds for an acknowledgement, and a
 * person somewhat longer for an answer: a crowd of clicks is received in the time that receiving takes.
 */
export class AcksFirst {
  readonly #settle: (interactionId: string) => void;
  readonly #received = new Set<string>();
  #receiving = 0;
  #quiet: NodeJS.Timeout | undefined;
  #longest: NodeJS.Timeout | undefined;

  /** What waits to be settled is in the log: where the process dies first, another settles it. */
  constructor(settle: (interactionId: string) => void) {
    this.#settle = settle;
  }

  async receive(receive: () => Promise<Received>): Promise<Received> {
    clearTimeout(this.#quiet);
    this.#receiving += 1;
    try {
      const received = await receive();
      if (received.answered === undefined) this.#settleLater(received.interactionId);
      return received;
    } finally {
      this.#receiving -= 1;
      if (this.#receiving === 0) this.#quiet = setTimeout(() => this.#release(), QUIET_MS);
    }
  }

  #settleLater(interactionId: string): void {
    this.#received.add(interactionId);
    this.#longest ??= setTimeout(() => this.#release(), LONGEST_MS);
  }

  #release(): void {
    clearTimeout(this.#longest);
    this.#longest = undefined;
    const received = [...this.#received];
    this.#received.clear();
    for (const interactionId of received) this.#settle(interactionId);
  }
}

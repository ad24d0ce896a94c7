import type { ClickOutcome } from '@countersign/notifier';
import { WAITING, type FinalOutcome } from './click-outcome.ts';

/** Who waits for the answer to a click, in this process; each for a bounded time. */
export class ClickWaiters {
  readonly #waitMs: number;
  readonly #waiting = new Map<string, Set<(outcome: FinalOutcome) => void>>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Never rejects; `waiting` once the time is over. */
  wait(interactionId: string): Promise<ClickOutcome> {
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(interactionId) ?? new Set();
      this.#waiting.set(interactionId, waiters);
      const end = (outcome: ClickOutcome): void => {
        clearTimeout(timer);
        waiters.delete(end);
        if (waiters.size === 0) this.#waiting.delete(interactionId);
        resolve(outcome);
      };
      const timer = setTimeout(() => end(WAITING), this.#waitMs);
      waiters.add(end);
    });
  }

  answer(interactionId: string, outcome: FinalOutcome): void {
    for (const end of this.#waiting.get(interactionId) ?? []) end(outcome);
  }

  isAwaited(interactionId: string): boolean {
    return this.#waiting.has(interactionId);
  }
}

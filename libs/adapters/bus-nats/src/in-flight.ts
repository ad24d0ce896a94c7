/** Counts work that has begun and not ended, so that closing can wait for it. */
export class InFlight {
  readonly #onEnd = new Set<() => void>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#size += 1;
    try {
      return await work();
    } finally {
      this.#size -= 1;
      for (const onEnd of this.#onEnd) onEnd();
    }
  }

  /** True once nothing is in flight; false where that took longer than the deadline. */
  async idle(deadlineMs: number): Promise<boolean> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), deadlineMs);
    await this.below(1, late.signal);
    clearTimeout(timer);
    return this.#size === 0;
  }

  /** Resolves once less than so much is in flight, or when the signal aborts. */
  below(limit: number, signal: AbortSignal): Promise<void> {
    if (this.#size < limit || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const onEnd = (): void => {
        if (this.#size >= limit && !signal.aborted) return;
        this.#onEnd.delete(onEnd);
        signal.removeEventListener('abort', onEnd);
        resolve();
      };
      this.#onEnd.add(onEnd);
      signal.addEventListener('abort', onEnd);
    });
  }
}

/** Counts work that has begun and not ended, so that closing can wait for it. */
export class InFlight {
  readonly #waiting = new Set<() => void>();
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
      if (this.#size === 0) this.#wake();
    }
  }

  /** True once nothing is in flight; false where that took longer than the deadline. */
  idle(deadlineMs: number): Promise<boolean> {
    if (this.#size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const wake = () => settle(true);
      const timer = setTimeout(() => settle(false), deadlineMs);
      const settle = (idle: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(idle);
      };
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

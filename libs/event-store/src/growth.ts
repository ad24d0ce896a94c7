/** Wakes whoever waits for a log to grow. */
export class Growth {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next {@link Growth.announce}, or at `signal`. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => {
      this.#waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    return promise;
  }

  announce(): void {
    for (const wake of this.#waiting) wake();
  }
}

import type { Bus, StopHearing } from '@countersign/bus';

/** A lost doorbell may delay a waiting caller this long, never longer. */
const POLL_MS = 1_000;

const CATEGORIES = ['review', 'grant'] as const;

/** Wakes those who wait for a request to change. A ring is a hint: the waiter reads the streams itself. */
export class ThreadRings {
  readonly #bus: Bus;
  readonly #waiting = new Map<string, Set<() => void>>();
  #stopHearing: StopHearing[] = [];

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  start(): void {
    this.#stopHearing = CATEGORIES.map((category) =>
      this.#bus.hear({ category }, ({ stream }) => this.#wake(stream.slice(category.length + 1))),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stopHearing.map((stop) => stop()));
    for (const id of this.#waiting.keys()) this.#wake(id);
  }

  /**
   * Registers for the next ring of a request, before the caller looks: what changes while it looks is
   * not missed. `wait` resolves at a ring, after at most a second, at `untilMs` from now, or at the signal.
   */
  listen(requestId: string): RingListener {
    let ring: () => void = () => undefined;
    const rung = new Promise<void>((resolve) => (ring = resolve));
    const waiters = this.#waiting.get(requestId) ?? new Set();
    this.#waiting.set(requestId, waiters.add(ring));
    const cease = (): void => {
      waiters.delete(ring);
      if (waiters.size === 0 && this.#waiting.get(requestId) === waiters) this.#waiting.delete(requestId);
    };
    return { wait: (untilMs, signal) => firstOf(rung, Math.min(untilMs, POLL_MS), signal), cease };
  }

  #wake(requestId: string): void {
    for (const ring of this.#waiting.get(requestId) ?? []) ring();
  }
}

export interface RingListener {
  wait(untilMs: number, signal: AbortSignal): Promise<void>;
  cease(): void;
}

const firstOf = async (rung: Promise<void>, ms: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const timer = setTimeout(end, ms);
  signal.addEventListener('abort', end, { once: true });
  await Promise.race([rung, ended]);
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
};

import type { Clock } from '@countersign/kernel';

export interface DueWorkOptions {
  /** Ids of the items that are due now, oldest first; a query on a view with a limit. */
  readonly due: () => readonly string[];
  /** Does what the item needs, if it still needs it: any replica may have been faster. */
  readonly ensure: (id: string) => Promise<void>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** `id` is absent where the query itself failed. */
  readonly onError: (error: unknown, id?: string) => void;
  /** Items in hand at once; 8 unless told. */
  readonly concurrency?: number;
  /** Milliseconds between two looks; 1,000 unless told. */
  readonly everyMs?: number;
}

export interface DueWorkStatus {
  /** Items that were due at the last look and already at the one before it. */
  readonly overdue: number;
  readonly inFlight: number;
  /** Runs of `ensure` that failed, since the start. */
  readonly failures: number;
}

interface Failed {
  readonly times: number;
  readonly notBeforeMs: number;
}

const FIRST_BACK_OFF_MS = 1_000;
const LAST_BACK_OFF_MS = 60_000;

/**
 * Looks for work that is due at the start, every second and when nudged, so that no item depends on a
 * doorbell. An item runs once at a time; one that fails waits longer each time, and holds up no other.
 */
export class DueWork {
  readonly #options: DueWorkOptions;
  readonly #waiting = new Set<string>();
  readonly #gathering = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #failed = new Map<string, Failed>();
  #seen: ReadonlySet<string> = new Set();
  #overdue = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DueWorkOptions) {
    this.#options = options;
  }

  /** Start when the view has caught up: before, everything old looks due. */
  start(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setInterval(() => this.look(), this.#options.everyMs ?? 1_000);
    this.look();
  }

  /**
   * A doorbell rang for this item: it runs at once, or once more where it is in hand. With a time to gather
   * it runs that many milliseconds after the first such nudge, for all that came meanwhile; until then no
   * look begins it.
   */
  nudge(id: string, gatherMs = 0): void {
    if (this.#stopped || (gatherMs > 0 && this.#gathering.has(id))) return;
    if (gatherMs > 0)
      this.#gathering.set(
        id,
        setTimeout(() => this.#gathered(id), gatherMs),
      );
    else this.#begin(id);
  }

  /** Asks what is due, now. */
  look(): void {
    if (this.#stopped) return;
    const due = this.#due();
    if (due === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    for (const id of due) {
      const rests = this.#gathering.has(id) || (this.#failed.get(id)?.notBeforeMs ?? 0) > nowMs;
      if (!rests && !this.#running.has(id)) this.#waiting.add(id);
    }
    this.#overdue = [...due].filter((id) => this.#seen.has(id)).length;
    this.#seen = due;
    for (const id of this.#failed.keys()) if (!due.has(id)) this.#failed.delete(id);
    this.#pump();
  }

  status(): DueWorkStatus {
    return { overdue: this.#overdue, inFlight: this.#running.size, failures: this.#failures };
  }

  /** Begins nothing more, and resolves when what is in hand is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const timer of this.#gathering.values()) clearTimeout(timer);
    this.#gathering.clear();
    this.#waiting.clear();
    this.#again.clear();
    await Promise.all(this.#running.values());
  }

  #gathered(id: string): void {
    this.#gathering.delete(id);
    this.#begin(id);
  }

  #begin(id: string): void {
    if (this.#running.has(id)) this.#again.add(id);
    else this.#waiting.add(id);
    this.#pump();
  }

  #due(): ReadonlySet<string> | undefined {
    try {
      return new Set(this.#options.due());
    } catch (error) {
      this.#options.onError(error);
      return undefined;
    }
  }

  #pump(): void {
    for (const id of this.#waiting) {
      if (this.#running.size >= (this.#options.concurrency ?? 8)) return;
      this.#waiting.delete(id);
      this.#running.set(id, this.#run(id));
    }
  }

  async #run(id: string): Promise<void> {
    try {
      // Never within the caller's turn: a nudge must cost its caller nothing.
      await Promise.resolve();
      await this.#options.ensure(id);
      this.#failed.delete(id);
    } catch (error) {
      this.#backOff(id);
      this.#options.onError(error, id);
    }
    this.#running.delete(id);
    if (this.#again.delete(id)) this.#waiting.add(id);
    if (!this.#stopped) this.#pump();
  }

  #backOff(id: string): void {
    this.#failures += 1;
    const times = (this.#failed.get(id)?.times ?? 0) + 1;
    const waitMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (times - 1), LAST_BACK_OFF_MS);
    this.#failed.set(id, { times, notBeforeMs: this.#options.clock.nowMs() + waitMs });
  }
}

import type { Clock } from '@countersign/kernel';
import { Rests } from './rests.ts';
import { WaitingItems } from './waiting-items.ts';

export interface DueWorkOptions {
  /** Ids of the items that are due now, oldest first; a query on a view with a limit. */
  readonly due: () => readonly string[];
  /** Does what the item needs, if it still needs it: any replica may have been faster. */
  readonly ensure: (id: string) => Promise<void>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** `id` is absent where the query itself failed. */
  readonly onError: (error: unknown, id?: string) => void;
  /** A doorbell tells one replica of each item: what a look finds for the first time is left to that one until the next. */
  readonly leavesNewsToHearer?: boolean;
  /** Items in hand at once; 8 unless told. */
  readonly concurrency?: number;
  /** Milliseconds between two looks; 1,000 unless told. */
  readonly everyMs?: number;
  /** Where in a backlog this replica begins, 0 to 1; random unless told, so that replicas don't begin alike. */
  readonly place?: number;
}

export interface DueWorkStatus {
  /** Items that were due at the last look and already at the one before it. */
  readonly overdue: number;
  readonly inFlight: number;
  /** Runs of `ensure` that failed, since the start. */
  readonly failures: number;
}

/** Other replicas have found by then whatever this one was told of. */
const LAST_WORK_MS = 2_000;

/**
 * Looks for work that is due at the start, every second and when nudged, so that no item depends on a
 * doorbell, nor on the replica that heard it. An item runs once at a time; one that fails waits longer each
 * time, and holds up no other.
 */
export class DueWork {
  readonly #options: DueWorkOptions;
  readonly #place: number;
  readonly #waiting = new WaitingItems();
  readonly #gathering = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #rests = new Rests();
  #seen: ReadonlySet<string> | undefined;
  #overdue = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DueWorkOptions) {
    this.#options = options;
    this.#place = options.place ?? Math.random();
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
    const seen = this.#seen;
    const isDue = (id: string): boolean => due.has(id);
    this.#rests.keep(isDue);
    this.#waiting.tellAll(this.#fromMyPlace([...due].filter((id) => this.#mayBegin(id))), isDue);
    this.#overdue = [...due].filter((id) => seen?.has(id)).length;
    this.#seen = due;
    this.#pump();
  }

  status(): DueWorkStatus {
    return { overdue: this.#overdue, inFlight: this.#running.size, failures: this.#failures };
  }

  /**
   * Takes nothing more. Resolves when what is in hand is done, and what this replica alone was told of, for as
   * long as no other does that.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#waiting.leaveToAll();
    for (const [id, timer] of this.#gathering) {
      clearTimeout(timer);
      this.#gathered(id);
    }
    const last = setTimeout(() => this.#dropWaiting(), LAST_WORK_MS);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    clearTimeout(last);
  }

  #dropWaiting(): void {
    this.#waiting.clear();
    this.#again.clear();
  }

  #mayBegin(id: string): boolean {
    return (
      !this.#isNews(id) &&
      !this.#gathering.has(id) &&
      !this.#running.has(id) &&
      !this.#rests.has(id, this.#options.clock.nowMs())
    );
  }

  #isNews(id: string): boolean {
    return this.#options.leavesNewsToHearer === true && this.#seen?.has(id) === false;
  }

  #fromMyPlace(ids: readonly string[]): readonly string[] {
    const place = Math.floor(this.#place * ids.length);
    return [...ids.slice(place), ...ids.slice(0, place)];
  }

  #gathered(id: string): void {
    this.#gathering.delete(id);
    this.#begin(id);
  }

  #begin(id: string): void {
    if (this.#running.has(id)) this.#again.add(id);
    else this.#waiting.tellAlone(id);
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
    while (this.#running.size < (this.#options.concurrency ?? 8)) {
      const id = this.#waiting.take();
      if (id === undefined) return;
      this.#running.set(id, this.#run(id));
    }
  }

  async #run(id: string): Promise<void> {
    try {
      // Never within the caller's turn: a nudge must cost its caller nothing.
      await Promise.resolve();
      await this.#options.ensure(id);
      this.#rests.end(id);
    } catch (error) {
      this.#failures += 1;
      this.#rests.begin(id, error, this.#options.clock.nowMs());
      this.#options.onError(error, id);
    }
    this.#running.delete(id);
    if (this.#again.delete(id)) this.#waiting.tellAlone(id);
    this.#pump();
  }
}
